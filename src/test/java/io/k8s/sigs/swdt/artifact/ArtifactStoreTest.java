package io.k8s.sigs.swdt.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.k8s.sigs.swdt.value.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtifactStoreTest {

    @TempDir Path folder;

    private final FileServer server = new FileServer().with("/x/tool-1.0.tgz", "content");

    @AfterEach
    void stop() {
        server.close();
    }

    private Artifact tool(String content) {
        return new Artifact(
                "tool", "1.0", "linux/amd64", server.url() + "/x/tool-1.0.tgz", Sha256.of(content));
    }

    private ArtifactStore store() throws ArtifactException {
        return ArtifactStore.open(folder.resolve("cache"), null);
    }

    private static Path fetch(ArtifactStore store, Artifact artifact) throws ArtifactException {
        return store.fetch(artifact, (_, _) -> {});
    }

    @Test
    void a_file_is_fetched_once_and_kept_by_its_checksum() throws Exception {
        Path file = fetch(store(), tool("content"));

        assertThat(file).content().isEqualTo("content");
        assertThat(file)
                .isEqualTo(
                        folder.resolve("cache/sha256")
                                .resolve(Sha256.of("content").hex())
                                .resolve("tool-1.0.tgz"));
        assertThat(fetch(store(), tool("content"))).isEqualTo(file);
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void a_damaged_file_of_the_cache_is_fetched_again() throws Exception {
        Path file = fetch(store(), tool("content"));
        Files.writeString(file, "damaged!");

        assertThat(fetch(store(), tool("content"))).content().isEqualTo("content");
        assertThat(server.requests()).hasSize(2);
        try (Stream<Path> left = Files.list(file.getParent())) {
            assertThat(left.map(f -> f.getFileName().toString()))
                    .containsExactlyInAnyOrder("tool-1.0.tgz", ".lock");
        }
    }

    @Test
    void damaged_lines_of_the_list_of_hashes_are_passed_over() throws Exception {
        Path file = fetch(store(), tool("content"));
        Files.writeString(folder.resolve("cache/hashes"), "z".repeat(64) + " 7 0 " + file);

        assertThat(fetch(store(), tool("content"))).isEqualTo(file);
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void many_threads_and_processes_fetch_a_file_once() throws Exception {
        List<Future<Path>> paths = new ArrayList<>();
        ArtifactStore shared = store();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 20; i++) {
                paths.add(threads.submit(() -> fetch(shared, tool("content"))));
            }
        }

        for (Future<Path> path : paths) {
            assertThat(path.get()).content().isEqualTo("content");
        }
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void other_bytes_than_expected_are_refused_and_not_kept() throws IOException {
        assertThatThrownBy(() -> fetch(store(), tool("expected")))
                .isInstanceOf(ArtifactException.class)
                .hasMessage(
                        "tool 1.0 has the sha256 %s at %s/x/tool-1.0.tgz, expected %s",
                        Sha256.of("content"), server.url(), Sha256.of("expected"));
        try (Stream<Path> files = Files.walk(folder.resolve("cache/sha256"))) {
            assertThat(files.map(f -> f.getFileName().toString()))
                    .doesNotContain("tool-1.0.tgz", ".part");
        }
    }

    @Test
    void a_file_that_is_not_there_is_named() {
        Artifact gone = new Artifact("gone", "2.0", "any", server.url() + "/gone", Sha256.of(""));

        assertThatThrownBy(() -> fetch(store(), gone))
                .isInstanceOf(ArtifactException.class)
                .hasMessage("gone 2.0 is not at " + server.url() + "/gone");
    }

    @Test
    void a_mirror_in_a_folder_is_used_in_place() throws Exception {
        Path file = folder.resolve("mirror/example.org/x/tool-1.0.tgz");
        Files.createDirectories(file.getParent());
        Files.writeString(file, "content");
        Artifact artifact =
                new Artifact(
                        "tool",
                        "1.0",
                        "any",
                        "https://example.org/x/tool-1.0.tgz",
                        Sha256.of("content"));

        assertThat(fetch(mirrored(folder.resolve("mirror").toString()), artifact)).isEqualTo(file);

        Files.writeString(file, "altered since");
        assertThatThrownBy(() -> fetch(mirrored(folder.resolve("mirror").toString()), artifact))
                .isInstanceOf(ArtifactException.class)
                .hasMessageContaining("expected " + Sha256.of("content"));
    }

    @Test
    void a_mirror_may_be_a_tar_file_with_long_names() throws Exception {
        String name =
                "a-name-that-is-longer-than-the-hundred-bytes-of-a-header/".repeat(3) + "tool";
        Path file = folder.resolve("mirror").resolve("example.org").resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "content");
        for (String format : List.of("gnu", "pax")) {
            Path tar = folder.resolve(format + ".tar");
            Process packed =
                    new ProcessBuilder(
                                    "tar",
                                    "--format=" + format,
                                    "-C",
                                    folder.resolve("mirror").toString(),
                                    "-cf",
                                    tar.toString(),
                                    ".")
                            .start();
            assertThat(packed.waitFor()).isZero();
            Artifact artifact =
                    new Artifact(
                            format,
                            "1.0",
                            "any",
                            "https://example.org/" + name,
                            Sha256.of("content"));

            assertThat(fetch(mirrored(tar.toString()), artifact)).content().isEqualTo("content");
        }
    }

    @Test
    void a_mirror_may_be_a_web_server() throws Exception {
        server.with("/mirror/example.org/tool", "content");
        Artifact artifact =
                new Artifact(
                        "tool", "1.0", "any", "https://example.org/tool", Sha256.of("content"));

        assertThat(fetch(mirrored(server.url() + "/mirror/"), artifact))
                .content()
                .isEqualTo("content");
        assertThat(server.requests()).containsExactly("/mirror/example.org/tool");
    }

    @Test
    void a_mirror_that_is_none_is_refused() throws IOException {
        Path packed = Files.writeString(folder.resolve("mirror.tar.gz"), "x".repeat(2000));

        assertThatThrownBy(() -> mirrored("/not/there"))
                .isInstanceOf(ArtifactException.class)
                .hasMessage("the mirror /not/there is neither a folder nor a tar file");
        assertThatThrownBy(() -> mirrored(packed.toString()))
                .isInstanceOf(ArtifactException.class)
                .hasMessage(packed + " is not a plain tar file");
    }

    private ArtifactStore mirrored(String mirror) throws ArtifactException {
        return ArtifactStore.open(folder.resolve("cache"), mirror);
    }
}
