package io.k8s.sigs.swdt.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.k8s.sigs.swdt.artifact.ArtifactException;
import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.config.ClusterFile;
import io.k8s.sigs.swdt.connection.ConnectException;
import io.k8s.sigs.swdt.connection.ConnectionLostException;
import io.k8s.sigs.swdt.engine.Engine.LaneResult;
import io.k8s.sigs.swdt.engine.HostTakenException;
import io.k8s.sigs.swdt.engine.RunEvent;
import io.k8s.sigs.swdt.engine.RunEvent.Phase;
import io.k8s.sigs.swdt.ui.ErrorText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class EndsTest {

    private static Cluster cluster;

    @BeforeAll
    static void a_cluster() throws IOException {
        cluster = ClusterFile.load(Path.of("examples/minimal.yaml"), Map.of());
    }

    private static LaneResult lane(String host, Phase phase) {
        return new LaneResult(host, phase, null, null);
    }

    private static LaneResult fault(String host, IOException fault) {
        return new LaneResult(host, Phase.FAILED, null, fault);
    }

    private static String end(LaneResult... results) {
        Failure failure =
                catchThrowableOfType(
                        Failure.class, () -> Ends.check(cluster, List.of(results), false));
        return failure.exitCode() + "\n" + ErrorText.of(failure);
    }

    @Test
    void lanes_that_are_done_are_no_failure() {
        assertThatCode(() ->
                        Ends.check(
                                cluster,
                                List.of(lane("cp1", Phase.DONE), lane("w1", Phase.DONE)),
                                false))
                .doesNotThrowAnyException();
    }

    @Test
    void a_change_that_failed_is_told_with_its_last_lines_and_the_next_step() {
        LaneResult failed =
                new LaneResult(
                        "cp1",
                        Phase.FAILED,
                        new RunEvent.ChangeFailed(
                                "cp1",
                                "kubeadm init",
                                1,
                                "exit code 1",
                                "kubeadm init --config x",
                                List.of("one", "two"),
                                "/var/lib/swdt/run/1/log"),
                        null);

        assertThat(end(failed, lane("w1", Phase.STOPPED)))
                .isEqualTo(
                        """
                        CHANGE_FAILED
                        error: cp1: kubeadm init failed: exit code 1
                          change   kubeadm init
                          command  kubeadm init --config x
                          exit     1
                          output   one
                                   two
                          log      /var/lib/swdt/run/1/log
                          next     mend what the output names, then run the same command again: finished work is kept
                        """);
    }

    @Test
    void all_faults_are_told_at_once() {
        assertThat(
                        end(
                                fault(
                                        "w1",
                                        new ConnectionLostException("the connection broke", null)),
                                fault(
                                        "w2",
                                        new ConnectException(
                                                ConnectException.Kind.UNREACHABLE,
                                                "w2 cannot be reached",
                                                "switch it on",
                                                null))))
                .isEqualTo(
                        """
                        UNREACHABLE
                        error: w1: the connection broke
                          next     look whether the host is well, then run the same command again
                        error: w2: w2 cannot be reached
                          next     switch it on
                        """);
    }

    @Test
    void what_must_be_looked_at_first_gives_the_exit_code_whatever_the_order() {
        LaneResult gone = fault("w1", new ConnectionLostException("broke", null));
        LaneResult missing = fault("w2", new ArtifactException("no kubelet", "look", null));
        LaneResult taken = fault("w3", new HostTakenException("locked", "ben"));
        LaneResult failed =
                new LaneResult(
                        "cp1",
                        Phase.FAILED,
                        new RunEvent.ChangeFailed("cp1", "swap", 1, "m", "", List.of(), "/log"),
                        null);

        assertThat(end(gone, failed, taken, missing)).startsWith("CHANGE_FAILED");
        assertThat(end(missing, taken, gone)).startsWith("LOCKED");
        assertThat(end(gone, missing)).startsWith("ARTIFACT");
        assertThat(end(missing, gone)).startsWith("ARTIFACT");
    }

    @Test
    void a_run_whose_time_is_over_says_so_and_is_no_interruption() {
        Failure failure =
                catchThrowableOfType(
                        Failure.class,
                        () -> Ends.check(cluster, List.of(lane("cp1", Phase.STOPPED)), true));

        assertThat(failure.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(failure.getMessage())
                .isEqualTo(
                        "stopped before "
                                + cluster.name()
                                + " was complete: the time of the run (--timeout) was over");
    }

    @Test
    void an_artifact_that_is_missing_has_an_exit_code_of_its_own() {
        assertThat(end(fault("w1", new ArtifactException("no kubelet", "look for it", null))))
                .isEqualTo("ARTIFACT\nerror: w1: no kubelet\n  next     look for it\n");
    }

    @Test
    void a_stopped_run_says_how_to_go_on() {
        assertThat(end(lane("cp1", Phase.STOPPED), lane("w1", Phase.DONE)))
                .isEqualTo(
                        "INTERRUPTED\nerror: stopped before "
                                + cluster.name()
                                + " was complete\n"
                                + "  next     run the same command again to go on, or swdt cluster destroy to undo what was done\n");
    }
}
