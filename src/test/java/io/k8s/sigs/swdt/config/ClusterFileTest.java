package io.k8s.sigs.swdt.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.k8s.sigs.swdt.value.Json;
import io.k8s.sigs.swdt.value.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ClusterFileTest {

    private static final Path BAD = Path.of("src/test/resources/config/bad");
    private static final Map<String, String> ENV =
            Map.of(
                    "HOME", "/home/me",
                    "SWDT_USER", "me",
                    "SWDT_PASSPHRASE", "open sesame",
                    "SWDT_SUDO", "s3cret");

    /** Bad file, whether the JSON schema refuses it too, and its mistakes without the file name. */
    static Stream<Arguments> badFiles() {
        return Stream.of(
                bad(
                        "unknown-key",
                        true,
                        "7:18: unknown key 'rol' in spec.nodes[1]; did you mean 'role'?"),
                bad(
                        "unknown-key-far",
                        true,
                        "7:3: unknown key 'zebra' in spec; known are kubernetes, runtime, network, windows, artifacts, ssh, nodes"),
                bad("duplicate-key", null, "7:32: duplicate key 'name' in spec.nodes[1]"),
                bad(
                        "wrong-types",
                        true,
                        "5:15: spec.ssh.port must be a whole number from 1 to 65535, not text",
                        "5:28: spec.ssh.agent must be true or false, not the number 1",
                        "6:11: spec.runtime must be a map, not empty",
                        "7:15: spec.kubernetes must be a map, not a list",
                        "9:14: spec.nodes[0].name must be text in quotes, not the number 12"),
                bad(
                        "out-of-range",
                        true,
                        "7:15: spec.ssh.port must be a whole number from 1 to 65535, not 70000"),
                bad(
                        "missing-keys",
                        true,
                        "6:7: missing key 'name' in spec.nodes[0]: Node name, unique; at most 15 characters for Windows.",
                        "6:7: missing key 'address' in spec.nodes[0]: IPv4 address by which the other nodes reach it, unique."),
                bad(
                        "direct-to-linux",
                        false,
                        "8:20: spec.nodes[1].connection is for Windows only: PowerShell Direct reaches no other system"),
                bad("no-nodes", true, "5:10: spec.nodes must not be empty"),
                bad(
                        "choices",
                        true,
                        "5:19: spec.runtime.name must be containerd, not 'docker'",
                        "6:19: spec.network.name must be flannel, not 'calico'",
                        "8:25: spec.nodes[0].role must be control-plane or worker, not 'controlplane'; did you mean 'control-plane'?",
                        "8:43: spec.nodes[0].os must be linux or windows, not 'darwin'"),
                bad(
                        "names-and-addresses",
                        true,
                        "5:25: spec.kubernetes.version must be a version such as 1.36.4, not '1.36'",
                        "6:24: spec.network.podSubnet must be an IPv4 network such as 10.244.0.0/16, not '10.244.0.0'",
                        "8:14: spec.nodes[0].name must be a DNS label: 1 to 63 lower-case letters, digits and '-', neither first nor last a '-', not 'Cp_1'",
                        "8:50: spec.nodes[0].address must be an IPv4 address such as 192.168.10.2, not '192.168.10.256'"),
                bad(
                        "plain-secret",
                        true,
                        "7:19: spec.ssh.password is a secret and must not stand in the file: write {env: NAME} for an environment variable or {file: PATH} for the first line of a file"),
                bad(
                        "misspelt-secret",
                        true,
                        "7:9: unknown key 'pasword' in spec.ssh; did you mean 'password'?"),
                bad(
                        "secret-both",
                        true,
                        "7:19: spec.ssh.password needs exactly one of the keys env, file"),
                bad(
                        "source",
                        true,
                        "7:15: 'source' in spec.kubernetes needs 'version' beside it",
                        "10:13: 'url' in spec.artifacts.sources.runc needs 'sha256' beside it",
                        "11:13: spec.artifacts.sources.crun needs exactly one of the keys path, url",
                        "11:13: 'url' in spec.artifacts.sources.crun needs 'sha256' beside it"),
                bad(
                        "overlap",
                        false,
                        "7:24: podSubnet 10.96.0.0/16 and serviceSubnet 10.96.0.0/12 overlap"),
                bad(
                        "subnet-sizes",
                        false,
                        "7:24: spec.network.podSubnet 10.244.0.0/30 has not the size that Kubernetes takes: /8 to /24",
                        "7:54: spec.network.serviceSubnet 10.97.0.0/32 has not the size that Kubernetes takes: /12 to /28"),
                bad(
                        "few-pod-subnets",
                        false,
                        "5:24: spec.network.podSubnet 10.244.0.0/24 is too small for 2 nodes: each takes a /24 of it"),
                bad(
                        "address-in-subnet",
                        false,
                        "6:49: spec.nodes[0].address 10.244.1.2 lies in podSubnet 10.244.0.0/16"),
                bad(
                        "twins",
                        false,
                        "7:14: spec.nodes[1] has the same name as spec.nodes[0]: cp1",
                        "7:42: spec.nodes[1] has the same address as spec.nodes[0]: 192.168.10.2"),
                bad(
                        "no-control-plane",
                        false,
                        "6:5: spec.nodes has no node with role: control-plane"),
                bad(
                        "two-control-planes",
                        false,
                        "7:25: spec.nodes[1] is one more control plane: one control-plane node is supported"),
                bad(
                        "windows",
                        false,
                        "6:44: spec.nodes[0] is the control plane, which runs on linux only: Kubernetes has no control plane for windows",
                        "7:14: spec.nodes[1].name has 16 characters: the name of a Windows node has at most 15"),
                bad(
                        "number-name",
                        false,
                        "8:14: spec.nodes[1].name is of digits only, which Windows takes for no computer's name (windows.rename)"),
                bad(
                        "endpoint",
                        true,
                        "5:38: spec.kubernetes.controlPlaneEndpoint must be a name or address and a port, such as cp1:6443, not 'k8s..example:6443'"),
                bad(
                        "old-version",
                        false,
                        "7:25: Kubernetes 1.34.9 is older than 1.35: swdt supports only the way of kubeadm's v1beta4 configuration as of 1.35"),
                bad(
                        "undefined-variable",
                        false,
                        "7:15: environment variable 'NOBODY' is not set; write '$${' for the characters '${' themselves"),
                bad(
                        "undefined-secret",
                        false,
                        "7:19: spec.ssh.password: environment variable 'NOBODY' is not set"),
                bad(
                        "no-secret-file",
                        false,
                        "7:19: spec.ssh.password: there is no file /nowhere/at/all"),
                bad("syntax", null, "5:21: not YAML: expected ',' or '}', but got ]"),
                bad(
                        "two-documents",
                        null,
                        "5:1: a second document begins here; a cluster file is one document"),
                bad(
                        "empty",
                        true,
                        "0:0: the file is empty; docs/cluster-file.md says what it holds"),
                bad("list", true, "1:1: the file must be a map, not a list"));
    }

    /** Schema null: the text is no single document, so there is nothing to hold against it. */
    private static Arguments bad(String name, @Nullable Boolean schema, String... mistakes) {
        return Arguments.of(name, schema, List.of(mistakes));
    }

    static Stream<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("examples"))) {
            return files.sorted().toList().stream();
        }
    }

    @Nested
    class A_bad_file {

        @ParameterizedTest(name = "{0}")
        @MethodSource("io.k8s.sigs.swdt.config.ClusterFileTest#badFiles")
        void is_refused_with_all_its_mistakes(
                String name, @Nullable Boolean schema, List<String> mistakes) {
            assertThat(problems(BAD.resolve(name + ".yaml")))
                    .extracting(p -> p.line() + ":" + p.column() + ": " + p.message())
                    .isEqualTo(mistakes);
        }

        @ParameterizedTest(name = "{0}")
        @MethodSource("io.k8s.sigs.swdt.config.ClusterFileTest#badFiles")
        void is_refused_by_the_schema_unless_marked(
                String name, @Nullable Boolean schema, List<String> mistakes) throws IOException {
            if (schema == null) {
                return;
            }
            String text = Files.readString(BAD.resolve(name + ".yaml"));

            assertThat(schemaAccepts(text)).isEqualTo(!schema);
        }

        @Test
        void is_in_the_table_of_this_test() throws IOException {
            try (Stream<Path> files = Files.list(BAD)) {
                assertThat(files.map(f -> f.getFileName().toString()))
                        .containsExactlyInAnyOrderElementsOf(
                                badFiles().map(a -> a.get()[0] + ".yaml").toList());
            }
        }

        @Test
        void is_shown_with_line_and_caret() {
            assertThat(ConfigException.render(problems(BAD.resolve("unknown-key.yaml"))))
                    .isEqualTo(
                            BAD
                                    + """
                                    /unknown-key.yaml:7:18: unknown key 'rol' in spec.nodes[1]; did you mean 'role'?
                                            - {name: w1, rol: worker, role: worker, address: 192.168.10.3}
                                                         ^\
                                    """);
        }

        @ParameterizedTest(name = "{0}")
        @org.junit.jupiter.params.provider.ValueSource(
                strings = {"plain-secret", "misspelt-secret", "syntax"})
        void never_shows_a_secret(String name) {
            assertThat(ConfigException.render(problems(BAD.resolve(name + ".yaml"))))
                    .doesNotContain("hunter")
                    .contains("•••");
        }

        @Test
        void that_is_not_there_is_named(@TempDir Path folder) {
            assertThat(problems(folder.resolve("no.yaml")))
                    .containsExactly(
                            new Problem(
                                    folder.resolve("no.yaml").toString(),
                                    0,
                                    0,
                                    "there is no such file",
                                    ""));
        }

        @Test
        void that_is_not_utf_8_is_named(@TempDir Path folder) throws IOException {
            Path file =
                    Files.write(
                            folder.resolve("latin1.yaml"), new byte[] {'a', ':', ' ', (byte) 0xe4});

            assertThat(ConfigException.render(problems(file)))
                    .isEqualTo(file + ": the file is not UTF-8 text; save it as UTF-8");
        }
    }

    @Nested
    class An_example {

        @ParameterizedTest
        @MethodSource("io.k8s.sigs.swdt.config.ClusterFileTest#examples")
        void loads_and_fits_the_schema(Path file) throws IOException {
            Cluster cluster = ClusterFile.load(file, ENV);

            assertThat(cluster.name() + ".yaml").isEqualTo(file.getFileName().toString());
            assertThat(schemaAccepts(Files.readString(file))).isTrue();
        }

        @ParameterizedTest
        @MethodSource("io.k8s.sigs.swdt.config.ClusterFileTest#examples")
        void shown_with_defaults_shows_the_same_again(Path file, @TempDir Path folder)
                throws IOException {
            ClusterFile read = ClusterFile.read(file, ENV);
            Path shown = Files.writeString(folder.resolve("shown.yaml"), read.show());

            assertThat(ClusterFile.read(shown, ENV).show()).isEqualTo(read.show());
        }
    }

    @Nested
    class The_reference_page {

        @Test
        void is_what_the_table_generates() throws IOException {
            Path page = Path.of("docs/cluster-file.md");
            if (Boolean.getBoolean("swdt.update")) {
                Files.writeString(page, ReferencePage.markdown());
            }

            assertThat(Files.readString(page)).isEqualTo(ReferencePage.markdown());
        }
    }

    private static List<Problem> problems(Path file) {
        return catchThrowableOfType(ConfigException.class, () -> ClusterFile.load(file, ENV))
                .problems();
    }

    private static boolean schemaAccepts(String yaml) {
        Schema schema =
                SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                        .getSchema(JsonSchema.generate(), InputFormat.JSON);
        return schema.validate(Json.write(Yaml.parse(yaml)), InputFormat.JSON).isEmpty();
    }
}
