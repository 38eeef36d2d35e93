package io.k8s.sigs.swdt.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.k8s.sigs.swdt.config.Cluster.Os;
import io.k8s.sigs.swdt.config.Cluster.Role;
import io.k8s.sigs.swdt.config.Cluster.Source;
import io.k8s.sigs.swdt.config.Cluster.Ssh;
import io.k8s.sigs.swdt.value.Cidr;
import io.k8s.sigs.swdt.value.Secret;
import io.k8s.sigs.swdt.value.Target;
import io.k8s.sigs.swdt.value.Version;
import io.k8s.sigs.swdt.value.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterFileValuesTest {

    private static final Map<String, String> ENV =
            Map.of(
                    "HOME", "/home/me",
                    "SWDT_USER", "me",
                    "SWDT_PASSPHRASE", "open sesame",
                    "SWDT_SUDO", "s3cret");

    @Nested
    class Loading {

        @TempDir Path folder;

        @Test
        void fills_in_defaults() {
            assertThat(ClusterFile.load(Path.of("examples/minimal.yaml"), ENV))
                    .isEqualTo(
                            new Cluster(
                                    "minimal",
                                    new Cluster.Kubernetes(
                                            Version.parse("1.36.4"),
                                            null,
                                            Target.parse("cp1:6443"),
                                            Map.of(),
                                            Map.of(),
                                            Map.of(),
                                            Map.of(),
                                            Map.of(),
                                            List.of()),
                                    new Cluster.ContainerRuntime(
                                            "containerd",
                                            Version.parse("2.3.4"),
                                            Version.parse("1.4.3"),
                                            Version.parse("1.36.0"),
                                            Map.of()),
                                    new Cluster.Network(
                                            "flannel",
                                            Version.parse("0.28.9"),
                                            false,
                                            Version.parse("1.9.1"),
                                            Cidr.parse("10.244.0.0/16"),
                                            Cidr.parse("10.96.0.0/12")),
                                    new Cluster.Windows(
                                            false, true, false, false, false, List.of(), false,
                                            Map.of()),
                                    new Cluster.Artifacts(null, Map.of()),
                                    List.of(
                                            new Cluster.Node(
                                                    "cp1",
                                                    Role.CONTROL_PLANE,
                                                    Os.LINUX,
                                                    "192.168.10.2",
                                                    new Ssh(
                                                            null, null, null, null, null, null,
                                                            null, true, null, null),
                                                    null,
                                                    Map.of(),
                                                    List.of()))));
        }

        @Test
        void lays_a_nodes_ssh_over_that_of_all_nodes() {
            Cluster cluster = ClusterFile.load(Path.of("examples/linux.yaml"), ENV);

            assertThat(cluster.nodes().get(2))
                    .isEqualTo(
                            new Cluster.Node(
                                    "w2",
                                    Role.WORKER,
                                    Os.LINUX,
                                    "192.168.10.4",
                                    new Ssh(
                                            null,
                                            "deploy",
                                            2222,
                                            Path.of("/home/me/.ssh/id_ed25519"),
                                            null,
                                            null,
                                            null,
                                            true,
                                            null,
                                            null),
                                    null,
                                    Map.of("example.com/disk", "ssd"),
                                    List.of("gpu=yes:NoSchedule")));
        }

        @Test
        void resolves_variables_secrets_and_paths() {
            Ssh ssh =
                    ClusterFile.load(Path.of("examples/jump-host.yaml"), ENV).nodes().get(1).ssh();

            assertThat(ssh)
                    .isEqualTo(
                            new Ssh(
                                    null,
                                    "me",
                                    null,
                                    Path.of("examples/keys/id_ed25519").toAbsolutePath(),
                                    new Secret("open sesame"),
                                    null,
                                    new Secret("s3cret"),
                                    false,
                                    null,
                                    new Ssh(
                                            "bastion.example.com",
                                            "me",
                                            2222,
                                            null,
                                            null,
                                            null,
                                            null,
                                            true,
                                            "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
                                            null)));
        }

        @Test
        void takes_own_sources_relative_to_the_file() {
            Cluster cluster = ClusterFile.load(Path.of("examples/own-build.yaml"), ENV);

            assertThat(cluster.kubernetes().source())
                    .isEqualTo(
                            new Source.OfPath(
                                    Path.of("kubernetes/_output/local/bin/linux/amd64")
                                            .toAbsolutePath()
                                            .normalize()));
            assertThat(cluster.artifacts().sources()).containsOnlyKeys("runc", "containerd");
        }

        @Test
        void keeps_free_maps_with_nulls_and_reads_aliases_and_the_first_line_of_a_secret_file()
                throws IOException {
            Files.writeString(folder.resolve("pw"), "first\nsecond\n");
            Path file =
                    Files.writeString(
                            folder.resolve("c.yaml"),
                            """
                            apiVersion: swdt.sigs.k8s.io/v1alpha1
                            kind: Cluster
                            metadata: {name: c}
                            spec:
                              kubernetes:
                                kubeletConfiguration: &k {maxPods: 3, evictionHard: null, a: "$${SWDT_USER}-${SWDT_USER}"}
                                kubeProxyConfiguration: *k
                              ssh: {password: {file: pw}}
                              nodes:
                                - {name: cp1, role: control-plane, address: 192.168.10.2}
                            """);

            ClusterFile read = ClusterFile.read(file, ENV);

            assertThat(read.cluster().kubernetes().kubeProxyConfiguration())
                    .isEqualTo(
                            Yaml.parse("{maxPods: 3, evictionHard: null, a: '${SWDT_USER}-me'}"));
            assertThat(read.cluster().nodes().getFirst().ssh().password())
                    .isEqualTo(new Secret("first"));
            assertThat(read.show())
                    .contains("    password:\n      file: pw\n")
                    .doesNotContain("first");
            assertThat(read.show()).contains("a: \"$${SWDT_USER}-me\"\n");
        }
    }

    @Nested
    class Showing {

        @Test
        void prints_defaults_in_the_tables_order_and_secrets_as_references() {
            assertThat(ClusterFile.read(Path.of("examples/jump-host.yaml"), ENV).show())
                    .isEqualTo(
                            """
                            apiVersion: swdt.sigs.k8s.io/v1alpha1
                            kind: Cluster
                            metadata:
                              name: jump-host
                            spec:
                              kubernetes:
                                version: 1.36.4
                                controlPlaneEndpoint: cp1:6443
                              runtime:
                                name: containerd
                                version: 2.3.4
                                runcVersion: 1.4.3
                                crictlVersion: 1.36.0
                              network:
                                name: flannel
                                version: 0.28.9
                                backend: vxlan
                                cniPluginsVersion: 1.9.1
                                podSubnet: 10.244.0.0/16
                                serviceSubnet: 10.96.0.0/12
                              ssh:
                                user: me
                                keyFile: keys/id_ed25519
                                passphrase:
                                  env: SWDT_PASSPHRASE
                                sudoPassword:
                                  env: SWDT_SUDO
                                agent: false
                                jump:
                                  host: bastion.example.com
                                  user: me
                                  port: 2222
                                  hostKey: SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU
                              nodes:
                                - name: cp1
                                  role: control-plane
                                  os: linux
                                  address: 192.168.10.2
                                - name: w1
                                  role: worker
                                  os: linux
                                  address: 192.168.10.3
                            """);
        }
    }
}
