package io.k8s.sigs.swdt.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RunSecretsTest {

    @Test
    void a_token_lives_as_long_as_its_run_may_take() {
        assertThat(RunSecrets.create(Duration.ofHours(2).plusSeconds(1)).tokenDocument())
                .contains("\"ttl\":\"7201s\"")
                .containsPattern("\"token\":\"[a-z0-9]{6}\\.[a-z0-9]{16}\"");
    }

    @Test
    void a_token_is_another_each_time_and_prints_as_nothing() {
        RunSecrets one = RunSecrets.create(Duration.ofMinutes(1));

        assertThat(one.tokenDocument())
                .isNotEqualTo(RunSecrets.create(Duration.ofMinutes(1)).tokenDocument());
        assertThat(one.toString()).doesNotContainPattern("[a-z0-9]{16}");
    }
}
