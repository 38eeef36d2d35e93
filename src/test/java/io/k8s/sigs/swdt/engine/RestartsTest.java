package io.k8s.sigs.swdt.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.k8s.sigs.swdt.agent.Agent;
import io.k8s.sigs.swdt.config.Cluster;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Hosts that restart, and one that does not come back. */
class RestartsTest {

    private final FakeHost host = new FakeHost("win1");
    private final Remote remote = new Remote(host, Agent.of(Cluster.Os.WINDOWS));

    private static Patience patience(Duration longest) {
        return new Patience(
                Instant.now().plus(longest), Duration.ofMillis(20), Duration.ofMillis(5));
    }

    @Test
    void an_answer_from_the_start_before_is_none_yet() throws IOException {
        Restarts.await(remote, "1", patience(Duration.ofMinutes(1)), new Cancellation());

        // the first look found start 1, the second another one
        assertThat(host.looks()).isEqualTo(2);
    }

    @Test
    void a_host_that_never_comes_back_is_given_up_with_what_to_look_at() {
        host.gone = true;

        assertThatThrownBy(() ->
                        Restarts.await(
                                remote, "1", patience(Duration.ofMillis(200)), new Cancellation()))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "did not come back after its restart; look at its console: win1 does not answer");
    }
}
