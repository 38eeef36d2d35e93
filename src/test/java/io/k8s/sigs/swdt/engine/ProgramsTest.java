package io.k8s.sigs.swdt.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.k8s.sigs.swdt.agent.Agent;
import io.k8s.sigs.swdt.agent.AgentEvent;
import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.connection.ConnectException;
import io.k8s.sigs.swdt.connection.Connection;
import io.k8s.sigs.swdt.connection.ConnectionLostException;
import io.k8s.sigs.swdt.connection.Outcome;
import io.k8s.sigs.swdt.connection.RemoteCommand;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

class ProgramsTest {

    private static final RemoteCommand PROGRAM = new RemoteCommand("true", List.of(), "");

    private final IOException broke = new ConnectionLostException("broke", null);
    private final IOException away =
            new ConnectException(ConnectException.Kind.UNREACHABLE, "away", "wait", null);

    /** Answers of a host: an exception is thrown, a number is an exit code after {@code end ok}. */
    private final Deque<Object> answers = new ArrayDeque<>();

    private Duration time = Duration.ofSeconds(60);
    private Duration patience = Duration.ofSeconds(30);
    private final List<AgentEvent> events = new ArrayList<>();

    private Programs programs() {
        Connection connection =
                new Connection() {
                    @Override
                    public String name() {
                        return "w1";
                    }

                    @Override
                    public Outcome run(RemoteCommand command, Consumer<String> lines)
                            throws IOException {
                        Object answer = answers.remove();
                        if (answer.equals("hangs")) {
                            hang();
                        }
                        if (answer instanceof IOException e) {
                            throw e;
                        }
                        lines.accept("end\tok");
                        return new Outcome((Integer) answer, List.of());
                    }

                    @Override
                    public void upload(
                            Path file, String sha256, String destination, LongConsumer progress) {
                        throw new AssertionError("programs bring no files");
                    }

                    @Override
                    public int roundTrips() {
                        return 0;
                    }

                    @Override
                    public void close() {}
                };
        return new Programs(
                new Remote(connection, Agent.of(Cluster.Os.LINUX)),
                new Patience(Instant.now().plus(time), patience, Duration.ofMillis(1)));
    }

    private static void hang() throws InterruptedIOException {
        try {
            Thread.sleep(Duration.ofMinutes(1));
        } catch (InterruptedException e) {
            throw (InterruptedIOException) new InterruptedIOException("interrupted").initCause(e);
        }
    }

    @Test
    void a_program_that_goes_on_long_after_the_runs_time_is_given_up() {
        time = Duration.ofMillis(10);
        patience = Duration.ofMillis(50);
        answers.add("hangs");

        assertThatThrownBy(() -> programs().run("p1", PROGRAM, events::add, () -> {}))
                .hasMessage(
                        "its running change did not end when the time of the run (--timeout) was over");
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void reading_waits_for_a_host_that_went_away_meanwhile() throws IOException {
        answers.addAll(List.of(broke, away, away, 0));

        programs().read(PROGRAM, events::add);

        assertThat(events).containsExactly(new AgentEvent.Ended("ok", ""));
    }

    @Test
    void reading_does_not_wait_for_a_host_that_was_never_there() {
        answers.addAll(List.of(away, 0));

        assertThatThrownBy(() -> programs().read(PROGRAM, events::add)).isSameAs(away);
        assertThat(answers).hasSize(1);
    }

    @Test
    void a_wish_to_stop_reaches_a_host_that_is_away_or_not_yet_ready() throws IOException {
        answers.addAll(List.of(broke, away, 1, 0));

        programs().stop("p1", () -> true);

        assertThat(answers).isEmpty();
    }

    @Test
    void a_wish_to_stop_ends_with_the_program() throws IOException {
        answers.addAll(List.of(1, 1));

        programs().stop("p1", () -> !answers.isEmpty());

        assertThat(answers).isEmpty();
    }
}
