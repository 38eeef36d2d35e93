package io.k8s.sigs.swdt.ui;

import io.k8s.sigs.swdt.value.Count;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Draws a run as lines: a title, a row per host, and below a failing one its last lines. Pure.
 *
 * @param width columns of the terminal; no line is longer than one less
 * @param colour whether colours may be used
 */
record Frame(int width, boolean colour) {

    private static final int TROUBLE_LINES = 5;

    private static final String RED = "31";
    private static final String GREEN = "32";
    private static final String DIM = "2";

    /**
     * @param last whether nothing more will come: an error text follows that tells of failures
     */
    List<String> lines(RunState state, Instant now, boolean last) {
        List<String> lines = new ArrayList<>();
        String fetching = state.fetching().isEmpty() ? "" : "   fetching " + state.fetching();
        lines.add(cut(state.title() + "  " + clock(state.age(now)) + fetching));
        int name = state.rows().keySet().stream().mapToInt(String::length).max().orElse(0);
        state.rows()
                .forEach((host, row) -> {
                    String head = "  " + host + " ".repeat(name - host.length() + 2);
                    lines.add(painted(row, cut(head + text(row, now))));
                    if (!last) {
                        row.trouble().stream()
                                .skip(Math.max(0, row.trouble().size() - TROUBLE_LINES))
                                .forEach(l -> lines.add(cut("      " + l)));
                    }
                });
        return lines;
    }

    private static String text(RunState.Row row, Instant now) {
        String took = seconds(Duration.between(row.since(), now));
        String sending = row.sending().isEmpty() ? "" : "   sending " + row.sending();
        String count = row.total() == 0 ? "" : row.done() + "/" + row.total() + "  ";
        return switch (row.phase()) {
            case CONNECTING -> "connecting";
            case LOOKING -> "looking";
            case WAITING -> count + "waits for " + row.detail() + sending;
            case RUNNING ->
                    count + (row.change().isEmpty() ? "" : row.change() + "  " + took) + sending;
            case DONE -> "done" + (row.total() == 0 ? "" : ", " + Count.of(row.total(), "change"));
            case FAILED ->
                    "failed"
                            + (row.detail().isEmpty()
                                    ? row.trouble().isEmpty() ? "" : ": " + row.trouble().getFirst()
                                    : ": " + row.detail());
            case STOPPED ->
                    "stopped after " + row.done() + " of " + Count.of(row.total(), "change");
        };
    }

    private String painted(RunState.Row row, String line) {
        return switch (row.phase()) {
            case DONE -> paint(GREEN, line);
            case FAILED -> paint(RED, line);
            case WAITING, STOPPED -> paint(DIM, line);
            case CONNECTING, LOOKING, RUNNING -> line;
        };
    }

    private String paint(String code, String line) {
        return colour ? "\u001b[" + code + "m" + line + "\u001b[0m" : line;
    }

    private String cut(String text) {
        String line = text.replaceAll("\\p{Cntrl}", " ");
        int room = Math.max(1, width - 1);
        return line.codePointCount(0, line.length()) <= room
                ? line
                : line.substring(0, line.offsetByCodePoints(0, room - 1)) + "~";
    }

    private static String clock(Duration age) {
        return String.format(Locale.ROOT, "%d:%02d", age.toMinutes(), age.toSecondsPart());
    }

    private static String seconds(Duration time) {
        return Math.max(0, time.toSeconds()) + " s";
    }
}
