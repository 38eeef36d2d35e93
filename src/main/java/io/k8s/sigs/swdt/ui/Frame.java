package io.k8s.sigs.swdt.ui;

import io.k8s.sigs.swdt.engine.RunEvent;
import io.k8s.sigs.swdt.value.Count;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jline.utils.WCWidth;

/**
 * Draws a run as lines: a title, a row per host, and below a failing one its last lines. Pure.
 *
 * @param size of the terminal: no line is longer, and no frame that is drawn over again higher,
 *     than one less
 * @param colour whether colours may be used
 */
record Frame(Screen.Size size, boolean colour) {

    private static final int TROUBLE_LINES = 5;

    private static final String RED = "31";
    private static final String GREEN = "32";
    private static final String DIM = "2";

    /** A host's lines. */
    private record Block(RunState.Row row, String line, List<String> trouble) {

        boolean done() {
            return row.phase() == RunEvent.Phase.DONE;
        }
    }

    /**
     * @param last whether nothing more will come: an error text follows that tells of failures
     */
    List<String> lines(RunState state, Instant now, boolean last) {
        String fetching = state.fetching().isEmpty() ? "" : "   fetching " + state.fetching();
        int name = state.rows().keySet().stream().mapToInt(String::length).max().orElse(0);
        List<Block> blocks = new ArrayList<>();
        state.rows()
                .forEach((host, row) -> {
                    String head = "  " + host + " ".repeat(name - host.length() + 2);
                    List<String> trouble =
                            last
                                    ? List.of()
                                    : row.trouble().stream()
                                            .skip(Math.max(0, row.trouble().size() - TROUBLE_LINES))
                                            .map(l -> cut("      " + l))
                                            .toList();
                    blocks.add(new Block(row, painted(row, cut(head + text(row, now))), trouble));
                });
        List<String> lines = new ArrayList<>();
        lines.add(cut(state.title() + "  " + clock(state.age(now)) + fetching));
        lines.addAll(last ? all(blocks) : fitting(blocks, Math.max(1, size.lines() - 2)));
        return lines;
    }

    private static List<String> all(List<Block> blocks) {
        List<String> lines = new ArrayList<>();
        for (Block block : blocks) {
            lines.add(block.line());
            lines.addAll(block.trouble());
        }
        return lines;
    }

    // where there is too little room, what is told elsewhere too goes first: a failure's last
    // lines,
    // then hosts that are done
    private static List<String> fitting(List<Block> blocks, int room) {
        List<String> lines = all(blocks);
        if (lines.size() <= room) {
            return lines;
        }
        List<Block> kept = new ArrayList<>(blocks);
        int rows = blocks.size() <= room ? room : room - 1; // one tells of the others
        for (int i = kept.size() - 1; i >= 0 && kept.size() > rows; i--) {
            if (kept.get(i).done()) {
                kept.remove(i);
            }
        }
        while (kept.size() > rows) {
            kept.removeLast();
        }
        lines = new ArrayList<>(kept.stream().map(Block::line).toList());
        if (kept.size() < blocks.size()) {
            lines.add("  and " + Count.of(blocks.size() - kept.size(), "host") + " more");
        }
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
                    count
                            + (row.change().isEmpty() ? "starting" : row.change() + "  " + took)
                            + sending;
            case DONE -> "done" + (row.total() == 0 ? "" : ", " + Count.of(row.total(), "change"));
            case FAILED ->
                    "failed"
                            + (row.detail().isEmpty()
                                    ? row.trouble().isEmpty() ? "" : ": " + row.trouble().getFirst()
                                    : ": " + row.detail());
            case DIFFERENT -> "not as it was before: " + row.detail();
            case STOPPED ->
                    "stopped after " + row.done() + " of " + Count.of(row.total(), "change");
        };
    }

    private String painted(RunState.Row row, String line) {
        return switch (row.phase()) {
            case DONE -> paint(GREEN, line);
            case FAILED, DIFFERENT -> paint(RED, line);
            case WAITING, STOPPED -> paint(DIM, line);
            case CONNECTING, LOOKING, RUNNING -> line;
        };
    }

    private String paint(String code, String line) {
        return colour ? "\u001b[" + code + "m" + line + "\u001b[0m" : line;
    }

    // by the terminal's columns: some characters take two, some none
    private String cut(String text) {
        String line = Printable.line(text);
        int room = Math.max(1, size.columns() - 1);
        int column = 0;
        int end = 0; // what fits with a mark behind it
        for (int i = 0; i < line.length(); ) {
            int character = line.codePointAt(i);
            column += Math.max(0, WCWidth.wcwidth(character));
            i += Character.charCount(character);
            if (column > room) {
                return line.substring(0, end) + "~";
            }
            end = column < room ? i : end;
        }
        return line;
    }

    private static String clock(Duration age) {
        return String.format(Locale.ROOT, "%d:%02d", age.toMinutes(), age.toSecondsPart());
    }

    private static String seconds(Duration time) {
        return Math.max(0, time.toSeconds()) + " s";
    }
}
