package io.k8s.sigs.swdt.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.config.ClusterFile;
import io.k8s.sigs.swdt.value.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a cluster file's artifacts become, with a mirror in a folder. */
class ResolverTest {

    private static final String AMD64 = "linux/amd64";

    @TempDir Path folder;

    private Path mirror;
    private Path lock;

    @BeforeEach
    void a_mirror() throws IOException {
        mirror = folder.resolve("mirror");
        lock = folder.resolve("c.lock.yaml");
        Cluster cluster = cluster("");
        for (Wanted wanted : Catalog.files(cluster, AMD64)) {
            put(Mirror.key(wanted.url()), wanted.name());
            if (wanted.checksumUrl() != null) {
                put(
                        Mirror.key(wanted.checksumUrl()),
                        Sha256.of(wanted.name()).hex() + "  " + wanted.fileName() + "\n");
            }
        }
        put(
                Mirror.key(Catalog.flannelManifest(cluster).url()),
                """
                kind: DaemonSet
                  - image: ghcr.io/flannel-io/flannel:v0.28.9
                  - image: example.org:5000/no-tag
                """);
    }

    private void put(String key, String text) throws IOException {
        Path file = mirror.resolve(key);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private Cluster cluster(String artifacts) throws IOException {
        Path file = folder.resolve("c.yaml");
        Files.writeString(
                file,
                """
                apiVersion: swdt.sigs.k8s.io/v1alpha1
                kind: Cluster
                metadata: {name: c}
                spec:
                  kubernetes: {version: 1.36.4}
                  artifacts: {%s}
                  nodes:
                    - {name: cp1, role: control-plane, address: 10.0.0.1}
                """
                        .formatted(artifacts));
        return ClusterFile.load(file, Map.of());
    }

    private ArtifactSet resolve(Cluster cluster, boolean save) throws ArtifactException {
        ArtifactStore store = ArtifactStore.open(folder.resolve("cache"), mirror.toString());
        return Resolver.resolve(cluster, store, lock, save, List.of(AMD64, AMD64));
    }

    @Test
    void files_are_pinned_by_their_publishers_checksums() throws IOException {
        ArtifactSet set = resolve(cluster(""), true);

        Artifact kubelet = set.file("kubelet", AMD64);
        assertThat(kubelet)
                .isEqualTo(
                        new Artifact(
                                "kubelet",
                                "1.36.4",
                                AMD64,
                                "https://dl.k8s.io/release/v1.36.4/bin/linux/amd64/kubelet",
                                Sha256.of("kubelet")));
        assertThat(set.files().values())
                .extracting(Artifact::name)
                .containsExactlyInAnyOrder(
                        "kubelet",
                        "kubeadm",
                        "kubectl",
                        "containerd",
                        "runc",
                        "crictl",
                        "cni-plugins",
                        "flannel-manifest");
    }

    @Test
    void images_are_those_that_the_mirror_holds_of_companions_its_newest_too() throws IOException {
        put("images/registry.k8s.io/kube-proxy/v1.36.4.linux-amd64.tar", "proxy");
        put("images/registry.k8s.io/pause/3.9.linux-amd64.tar", "old pause");
        put("images/registry.k8s.io/pause/3.10.3.linux-amd64.tar", "new pause");
        put("images/registry.k8s.io/pause/3.1.99999999999.linux-amd64.tar", "odd pause");
        put("images/registry.k8s.io/kube-apiserver/v1.36.3.linux-amd64.tar", "not this one");
        put("images/registry.k8s.io/pause/3.11.linux-arm64.tar", "for another platform");
        put("images/ghcr.io/flannel-io/flannel/v0.28.9.linux-amd64.tar", "flannel");

        assertThat(resolve(cluster(""), true).images().values())
                .extracting(Artifact::name)
                .containsExactlyInAnyOrder(
                        "registry.k8s.io/kube-proxy:v1.36.4",
                        "registry.k8s.io/pause:3.10.3",
                        "ghcr.io/flannel-io/flannel:v0.28.9");
    }

    @Test
    void a_web_server_gives_images_once_and_those_only_that_it_has() throws IOException {
        put("images/registry.k8s.io/kube-proxy/v1.36.4.linux-amd64.tar", "proxy");
        try (FileServer server = new FileServer();
                Stream<Path> files = Files.walk(mirror)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                server.with("/" + mirror.relativize(file), Files.readAllBytes(file));
            }
            for (int run = 0; run < 2; run++) {
                ArtifactStore store = ArtifactStore.open(folder.resolve("cache"), server.url());
                ArtifactSet set = Resolver.resolve(cluster(""), store, lock, true, List.of(AMD64));
                Artifact proxy = set.image("registry.k8s.io/kube-proxy", AMD64).orElseThrow();

                assertThat(set.images()).hasSize(1);
                assertThat(store.fetch(proxy, (_, _) -> {})).content().isEqualTo("proxy");
            }
            assertThat(server.requests())
                    .containsOnlyOnce("/images/registry.k8s.io/kube-proxy/v1.36.4.linux-amd64.tar");
        }
    }

    @Test
    void the_lock_file_pins_what_was_taken_first() throws IOException {
        resolve(cluster(""), true);
        String written = Files.readString(lock);
        assertThat(written)
                .startsWith("# Made by swdt: later runs take exactly these bytes.")
                .contains("sha256: \"" + Sha256.of("kubelet").hex() + "\"");

        String key = "dl.k8s.io/release/v1.36.4/bin/linux/amd64/kubelet";
        put(key, "published anew");
        put(key + ".sha256", Sha256.of("published anew").hex());
        ArtifactSet again = resolve(cluster(""), true);

        assertThat(again.file("kubelet", AMD64).sha256()).isEqualTo(Sha256.of("kubelet"));
        assertThat(lock).content().isEqualTo(written);
        Files.delete(lock);
        assertThat(resolve(cluster(""), true).file("kubelet", AMD64).sha256())
                .isEqualTo(Sha256.of("published anew"));
    }

    @Test
    void looking_writes_no_lock_file() throws IOException {
        resolve(cluster(""), false);

        assertThat(lock).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"artifacts: [{sha256: short}]", "artifacts: [null]", "{"})
    void a_broken_lock_file_is_named(String text) throws IOException {
        Files.writeString(lock, text);

        assertThatThrownBy(() -> resolve(cluster(""), false))
                .isInstanceOf(ArtifactException.class)
                .hasMessageStartingWith("the lock file " + lock + " cannot be read: ");
    }

    @Test
    void own_files_are_taken_as_they_are_and_addresses_with_their_checksum() throws IOException {
        Path own = Files.writeString(folder.resolve("my-runc"), "own runc");
        String sha = Sha256.of("crictl of somebody").hex();
        Cluster cluster =
                cluster(
                        "sources: {runc: {path: %s}, crictl: {url: 'https://example.org/crictl.tgz', sha256: %s}}"
                                .formatted(own, sha));

        ArtifactSet set = resolve(cluster, true);

        assertThat(set.file("runc", AMD64).url()).isEqualTo(own.toUri().toString());
        assertThat(set.file("runc", AMD64).sha256()).isEqualTo(Sha256.of("own runc"));
        assertThat(set.file("crictl", AMD64).url()).isEqualTo("https://example.org/crictl.tgz");
        assertThat(set.file("crictl", AMD64).sha256().hex()).isEqualTo(sha);
    }

    @Test
    void what_the_mirror_lacks_is_named() throws IOException {
        Files.delete(mirror.resolve("dl.k8s.io/release/v1.36.4/bin/linux/amd64/kubelet.sha256"));

        assertThatThrownBy(() -> resolve(cluster(""), false))
                .isInstanceOf(ArtifactException.class)
                .hasMessage(
                        "the mirror does not hold dl.k8s.io/release/v1.36.4/bin/linux/amd64/kubelet.sha256");
    }
}
