package io.k8s.sigs.swdt.ui;

import static org.assertj.core.api.Assertions.assertThat;

import io.k8s.sigs.swdt.engine.RunEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LiveProgressTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final StringBuilder screen = new StringBuilder();
    private final List<String> log = new ArrayList<>();
    private int closed;

    private final LiveProgress progress =
            new LiveProgress(
                    "creating c1",
                    screen::append,
                    () -> new Screen.Size(40, 24),
                    false,
                    () -> NOW,
                    log::add,
                    () -> closed++);

    @AfterEach
    void close() {
        progress.close();
    }

    /** What a terminal shows after all that was written: lines, the cursor's below them. */
    private List<String> shown() {
        List<String> lines = new ArrayList<>();
        int row = 0;
        String all;
        synchronized (progress) { // the drawing thread writes, too
            all = screen.toString();
        }
        for (String part : all.split("(?<=\n)|(?=\u001b)|(?<=\u001b\\[[JK])|(?<=\r)", -1)) {
            if (part.isEmpty()) {
                continue;
            }
            if (part.matches("\u001b\\[\\d+A\r?")) {
                row -= Integer.parseInt(part.replaceAll("[^0-9]", ""));
            } else if (part.equals("\u001b[J")) {
                lines.subList(row, lines.size()).clear();
            } else if (!part.equals("\u001b[K") && !part.isBlank()) {
                lines.subList(row, Math.min(lines.size(), row + 1)).clear();
                lines.add(row++, part.stripTrailing());
            }
        }
        return lines;
    }

    @Test
    void a_frame_replaces_the_one_before() {
        progress.accept(new RunEvent.HostPhase("w1", RunEvent.Phase.LOOKING, ""));
        progress.draw();
        progress.accept(new RunEvent.HostPhase("w2", RunEvent.Phase.LOOKING, ""));
        progress.draw();
        progress.draw();

        assertThat(shown()).containsExactly("creating c1  0:00", "  w1  looking", "  w2  looking");
    }

    @Test
    void what_is_said_meanwhile_stands_above_the_frame() {
        progress.draw();
        progress.above(() -> screen.append("a plan\n"));
        progress.accept(new RunEvent.Note("w1", "the connection broke"));
        progress.draw();

        assertThat(shown())
                .containsExactly("a plan", "w1: the connection broke", "creating c1  0:00");
    }

    @Test
    void the_last_frame_stays_and_nothing_is_drawn_after_it() {
        progress.accept(new RunEvent.HostPhase("w1", RunEvent.Phase.DONE, ""));
        progress.close();
        progress.close();
        progress.draw();
        progress.above(() -> screen.append("a table\n"));

        assertThat(shown()).containsExactly("creating c1  0:00", "  w1  done", "a table");
        assertThat(closed).isEqualTo(1);
    }

    @Test
    void the_log_has_plain_lines() {
        progress.accept(new RunEvent.HostPhase("w1", RunEvent.Phase.DONE, ""));

        assertThat(log).containsExactly("creating c1", "w1: done");
    }
}
