package io.k8s.sigs.swdt.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFolderTest {

    @TempDir Path home;

    @Test
    void lies_where_the_system_keeps_state() {
        assertThat(StateFolder.of(Map.of(), home).root())
                .isEqualTo(home.resolve(".local/state/swdt"));
        assertThat(StateFolder.of(Map.of("XDG_STATE_HOME", "/x"), home).root())
                .isEqualTo(Path.of("/x/swdt"));
        assertThat(StateFolder.of(Map.of("LOCALAPPDATA", "/l"), home).root())
                .isEqualTo(Path.of("/l/swdt"));
    }

    @Test
    void remembers_clusters_and_all_nodes_that_they_have_had() throws IOException {
        StateFolder state = StateFolder.of(Map.of(), home);
        state.remember("b", Path.of("/b.yaml"), List.of("w1", "cp1"));
        state.remember("b", Path.of("/b.yaml"), List.of("cp1", "w2"));
        state.remember("a", Path.of("/a.yaml"), List.of("cp1"));
        state.cluster("never-made");

        assertThat(state.clusters()).containsExactly("a", "b");
        assertThat(state.nodes("b")).containsExactly("cp1", "w1", "w2");
        assertThat(state.nodes("c")).isEmpty();
    }

    @Test
    void forgets_all_but_the_logs_and_the_host_keys() throws IOException {
        StateFolder state = StateFolder.of(Map.of(), home);
        state.remember("a", Path.of("/a.yaml"), List.of("cp1"));
        for (String file : List.of("kubeconfig", "uid", "known_hosts")) {
            StateFolder.write(state.cluster("a").resolve(file), "x");
        }
        Files.createDirectory(state.cluster("a").resolve("log"));

        state.forget("a");

        assertThat(state.clusters()).isEmpty();
        try (Stream<Path> left = Files.list(state.cluster("a"))) {
            assertThat(left.map(f -> f.getFileName().toString()))
                    .containsExactlyInAnyOrder("log", "known_hosts");
        }
    }

    @Test
    void files_are_for_the_user_alone_and_replaced_as_a_whole() throws IOException {
        Path file = home.resolve("secret");
        StateFolder.write(file, "one");
        StateFolder.write(file, "two");

        assertThat(file).content().isEqualTo("two");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        try (Stream<Path> files = Files.list(home)) {
            assertThat(files).containsExactly(file);
        }
    }
}
