package io.k8s.sigs.swdt.ui;

import static org.assertj.core.api.Assertions.assertThat;

import io.k8s.sigs.swdt.cluster.Console;
import io.k8s.sigs.swdt.engine.RunEvent;
import io.k8s.sigs.swdt.engine.RunEvent.Phase;
import io.k8s.sigs.swdt.engine.RunEvent.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Progress as lines: plain ones, and JSON. */
class ProgressLinesTest {

    private static final List<RunEvent> RUN =
            List.of(
                    new RunEvent.HostPhase("w1", Phase.CONNECTING, ""),
                    new RunEvent.HostPhase("w1", Phase.LOOKING, ""),
                    new RunEvent.Planned("w1", 3),
                    new RunEvent.Fetch("kubelet", 5, 10),
                    new RunEvent.HostPhase("w1", Phase.RUNNING, ""),
                    new RunEvent.Transfer("w1", "kubelet", 5, 10),
                    new RunEvent.ChangeState("w1", "file /a", State.STARTED, Duration.ZERO, ""),
                    new RunEvent.ChangeState(
                            "w1", "file /a", State.APPLIED, Duration.ofMillis(999), ""),
                    new RunEvent.ChangeState(
                            "w1", "module x", State.LEFT, Duration.ofMillis(2340), "still in use"),
                    new RunEvent.HostPhase("w1", Phase.WAITING, "cp1: join token"),
                    new RunEvent.Note(null, "waiting for the nodes"),
                    new RunEvent.ChangeFailed(
                            "w1",
                            "kubeadm join",
                            1,
                            "exit code 1",
                            "kubeadm",
                            List.of("a\"b"),
                            "/l"),
                    new RunEvent.HostPhase("w1", Phase.FAILED, "the host is gone"),
                    new RunEvent.HostPhase("w1", Phase.STOPPED, ""),
                    new RunEvent.HostPhase("w1", Phase.DONE, ""));

    private static List<String> lines(boolean json) {
        List<String> lines = new ArrayList<>();
        Console.Progress progress =
                json ? new JsonProgress(lines::add) : new PlainProgress("creating c1", lines::add);
        try (progress) {
            RUN.forEach(progress);
        }
        return lines;
    }

    @Test
    void plain_lines_tell_what_a_reader_wants_to_know() {
        assertThat(lines(false))
                .containsExactly(
                        "creating c1",
                        "w1: 3 changes",
                        "w1: applied file /a",
                        "w1: left module x (2.3 s): still in use",
                        "w1: waits for cp1: join token",
                        "waiting for the nodes",
                        "w1: failed: the host is gone",
                        "w1: stopped",
                        "w1: done");
    }

    @Test
    void json_has_an_object_a_line_for_every_event() {
        assertThat(lines(true))
                .hasSize(RUN.size())
                .contains(
                        "{\"host\":\"w1\",\"event\":\"phase\",\"phase\":\"looking\",\"detail\":\"\"}",
                        "{\"host\":\"w1\",\"event\":\"planned\",\"changes\":3}",
                        "{\"event\":\"fetch\",\"name\":\"kubelet\",\"received\":5,\"total\":10}",
                        "{\"host\":\"w1\",\"event\":\"upload\",\"name\":\"kubelet\",\"sent\":5,\"total\":10}",
                        "{\"host\":\"w1\",\"event\":\"change\",\"key\":\"module x\",\"state\":\"left\","
                                + "\"milliseconds\":2340,\"detail\":\"still in use\"}",
                        "{\"event\":\"note\",\"text\":\"waiting for the nodes\"}",
                        "{\"host\":\"w1\",\"event\":\"failure\",\"key\":\"kubeadm join\",\"exitCode\":1,"
                                + "\"message\":\"exit code 1\",\"command\":\"kubeadm\",\"output\":[\"a\\\"b\"],\"log\":\"/l\"}");
    }
}
