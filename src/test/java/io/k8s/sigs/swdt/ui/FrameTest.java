package io.k8s.sigs.swdt.ui;

import static org.assertj.core.api.Assertions.assertThat;

import io.k8s.sigs.swdt.engine.RunEvent;
import io.k8s.sigs.swdt.engine.RunEvent.Phase;
import io.k8s.sigs.swdt.engine.RunEvent.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrameTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private RunState state = RunState.start("creating lab1", START);

    private void at(int seconds, RunEvent... events) {
        for (RunEvent event : events) {
            state = state.with(event, START.plusSeconds(seconds));
        }
    }

    private static RunEvent started(String host, String key) {
        return new RunEvent.ChangeState(host, key, State.STARTED, Duration.ZERO, "");
    }

    private static RunEvent applied(String host, String key) {
        return new RunEvent.ChangeState(host, key, State.APPLIED, Duration.ofSeconds(1), "");
    }

    private static RunEvent phase(String host, Phase phase, String detail) {
        return new RunEvent.HostPhase(host, phase, detail);
    }

    private static Frame frame(int width) {
        return new Frame(new Screen.Size(width, 24), false);
    }

    private String frame(int width, int seconds) {
        return String.join("\n", frame(width).lines(state, START.plusSeconds(seconds), false));
    }

    @Test
    void a_host_that_is_reached_says_so() {
        at(0, phase("cp1", Phase.CONNECTING, ""), phase("worker1", Phase.CONNECTING, ""));
        at(1, phase("worker1", Phase.LOOKING, ""));

        assertThat(frame(80, 2))
                .isEqualTo(
                        """
                        creating lab1  0:02
                          cp1      connecting
                          worker1  looking\
                        """);
    }

    @Test
    void each_host_has_a_row_with_its_present_change_and_how_long_that_takes() {
        at(1, new RunEvent.Planned("cp1", 12), new RunEvent.Planned("w1", 9));
        at(2, phase("cp1", Phase.RUNNING, ""), phase("w1", Phase.RUNNING, ""));
        at(3, started("cp1", "file /etc/a"), applied("cp1", "file /etc/a"));
        at(4, started("cp1", "kubeadm init"), new RunEvent.Transfer("w1", "kubelet", 30, 60));
        at(5, started("w1", "program /usr/local/bin/kubelet"));

        assertThat(frame(80, 67))
                .isEqualTo(
                        """
                        creating lab1  1:07
                          cp1  1/12  kubeadm init  63 s
                          w1   0/9  program /usr/local/bin/kubelet  62 s   sending 50 % of kubelet\
                        """);
    }

    @Test
    void finished_and_waiting_hosts_are_short() {
        at(1, new RunEvent.Planned("cp1", 2), new RunEvent.Planned("w1", 1));
        at(2, applied("cp1", "a"), applied("cp1", "b"), phase("cp1", Phase.DONE, ""));
        at(3, phase("w1", Phase.WAITING, "cp1: join token"));
        at(3, phase("w2", Phase.STOPPED, ""));

        assertThat(frame(80, 4))
                .isEqualTo(
                        """
                        creating lab1  0:04
                          cp1  done, 2 changes
                          w1   0/1  waits for cp1: join token
                          w2   stopped after 0 of 0 changes\
                        """);
    }

    @Test
    void a_failing_host_shows_its_last_lines_until_the_error_text_does() {
        at(1, new RunEvent.Planned("cp1", 2), started("cp1", "kubeadm init"));
        List<String> output = new ArrayList<>();
        for (int i = 1; i <= 9; i++) {
            output.add("line " + i);
        }
        at(
                2,
                new RunEvent.ChangeFailed(
                        "cp1", "kubeadm init", 1, "exit code 1", "kubeadm init", output, "/log"),
                phase("cp1", Phase.FAILED, ""));

        assertThat(frame(80, 3))
                .isEqualTo(
                        """
                        creating lab1  0:03
                          cp1  failed: kubeadm init: exit code 1
                              line 5
                              line 6
                              line 7
                              line 8
                              line 9\
                        """);
        assertThat(frame(80).lines(state, START.plusSeconds(3), true))
                .containsExactly("creating lab1  0:03", "  cp1  failed: kubeadm init: exit code 1");
    }

    @Test
    void an_artifact_on_its_way_is_named_in_the_title() {
        at(1, new RunEvent.Fetch("kubelet v1.36.4", 34_500_000, -1));
        assertThat(frame(80, 1)).isEqualTo("creating lab1  0:01   fetching kubelet v1.36.4 34 MB");

        at(2, new RunEvent.Fetch("kubelet v1.36.4", 60_000_000, 60_000_000));
        assertThat(frame(80, 2)).isEqualTo("creating lab1  0:02");
    }

    @Test
    void a_frame_is_lower_than_the_terminal_and_shows_what_still_runs() {
        for (int i = 1; i <= 4; i++) {
            at(1, phase("w" + i, i == 2 ? Phase.LOOKING : Phase.DONE, ""));
        }
        at(
                1,
                phase("w5", Phase.FAILED, ""),
                new RunEvent.ChangeFailed("w5", "swap", 1, "no", "", List.of("a", "b"), "/log"));

        assertThat(new Frame(new Screen.Size(80, 24), false).lines(state, START, false)).hasSize(9);
        assertThat(new Frame(new Screen.Size(80, 7), false).lines(state, START, false))
                .hasSize(6)
                .contains("  w4  done", "  w5  failed: swap: no");
        assertThat(new Frame(new Screen.Size(80, 5), false).lines(state, START, false))
                .containsExactly(
                        "creating lab1  0:00",
                        "  w2  looking",
                        "  w5  failed: swap: no",
                        "  and 3 hosts more");
        assertThat(new Frame(new Screen.Size(80, 3), false).lines(state, START, false))
                .containsExactly("creating lab1  0:00", "  and 5 hosts more");
        assertThat(new Frame(new Screen.Size(80, 3), false).lines(state, START, true)).hasSize(6);
    }

    @Test
    void wide_characters_count_by_the_columns_that_they_take() {
        at(1, phase("w1", Phase.WAITING, "漢字漢字漢字"));

        assertThat(frame(22).lines(state, START, false).getLast()).isEqualTo("  w1  waits for 漢字~");
        assertThat(frame(29).lines(state, START, false).getLast())
                .isEqualTo("  w1  waits for 漢字漢字漢字");
    }

    @Test
    void no_line_is_longer_than_the_terminal_and_none_steers_it() {
        at(1, phase("w1", Phase.WAITING, "a\u001b[31mb\u009bc and much more than fits in here"));

        assertThat(frame(30).lines(state, START, false))
                .containsExactly("creating lab1  0:00", "  w1  waits for a [31mb c an~")
                .allMatch(l -> l.length() < 30);
        assertThat(frame(1).lines(state, START, false)).allMatch(l -> l.equals("~"));
    }

    @Test
    void colours_are_used_only_where_they_may_be() {
        at(1, phase("cp1", Phase.DONE, ""));

        assertThat(new Frame(new Screen.Size(80, 24), true).lines(state, START, true).getLast())
                .isEqualTo("\u001b[32m  cp1  done\u001b[0m");
        assertThat(frame(80).lines(state, START, true).getLast()).isEqualTo("  cp1  done");
    }
}
