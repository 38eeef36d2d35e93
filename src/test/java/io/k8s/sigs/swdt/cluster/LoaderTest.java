package io.k8s.sigs.swdt.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.k8s.sigs.swdt.host.StateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which cluster a command means. */
class LoaderTest {

    @TempDir Path folder;

    private Environment environment;
    private StateFolder state;

    @BeforeEach
    void a_controller() {
        state = StateFolder.of(Map.of("XDG_STATE_HOME", folder.toString()), folder);
        environment =
                new Environment(
                        folder, "anna", "laptop", Map.of(), state, folder.resolve("cache"), "1");
    }

    private Path file(String name) throws IOException {
        return Files.writeString(
                folder.resolve(name + ".yaml"),
                """
                apiVersion: swdt.sigs.k8s.io/v1alpha1
                kind: Cluster
                metadata: {name: %s}
                spec:
                  nodes: [{name: cp1, role: control-plane, address: 10.0.0.1}]
                """
                        .formatted(name));
    }

    private String load(@Nullable Path config, @Nullable String cluster) {
        return Loader.load(environment, new Requests.Selection(config, cluster)).cluster().name();
    }

    private String refusal(@Nullable Path config, @Nullable String cluster) {
        Failure failure = catchThrowableOfType(Failure.class, () -> load(config, cluster));
        Failure.Reason reason = failure.reasons().getFirst();
        return failure.exitCode() + ": " + reason.what() + " -> " + reason.next();
    }

    @Test
    void it_is_that_of_the_file() throws IOException {
        assertThat(load(file("one"), null)).isEqualTo("one");
    }

    @Test
    void it_is_the_only_one_that_was_made_from_here() throws IOException {
        state.remember("one", file("one"), List.of("cp1"));

        assertThat(load(null, null)).isEqualTo("one");
        assertThat(load(null, "one")).isEqualTo("one");
    }

    @Test
    void it_must_be_named_where_there_are_several_or_none() throws IOException {
        assertThat(refusal(null, null))
                .isEqualTo(
                        "USAGE: which cluster? There is no cluster.yaml here, and no cluster was made from this machine"
                                + " -> name its file: --config FILE");
        state.remember("two", file("two"), List.of("cp1"));
        state.remember("one", file("one"), List.of("cp1"));

        assertThat(refusal(null, null))
                .isEqualTo(
                        "USAGE: which cluster? From this machine were made: one, two -> name it: --cluster NAME");
        assertThat(load(null, "two")).isEqualTo("two");
    }

    @Test
    void one_that_was_destroyed_is_not_known_any_more() throws IOException {
        state.remember("one", file("one"), List.of("cp1"));
        state.forget("one");

        assertThat(refusal(null, "one"))
                .isEqualTo(
                        "USAGE: no cluster one was made from this machine -> name its file: --config FILE");
    }

    @Test
    void a_file_with_mistakes_is_refused_with_all_of_them() throws IOException {
        Path bad =
                Files.writeString(folder.resolve("bad.yaml"), "kind: Cluter\nspec: {nods: []}\n");

        Failure failure = catchThrowableOfType(Failure.class, () -> load(bad, null));

        assertThat(failure.exitCode()).isEqualTo(ExitCode.INVALID_FILE);
        assertThat(failure.reasons())
                .extracting(Failure.Reason::what)
                .anySatisfy(w -> assertThat(w).startsWith(bad + ":1:7: "))
                .anySatisfy(w -> assertThat(w).startsWith(bad + ":2:8: "));
    }
}
