package io.k8s.sigs.swdt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {

    private static final String GOOD = "examples/minimal.yaml";
    private static final String BAD = "src/test/resources/config/bad/no-nodes.yaml";

    /** How a command ended. */
    private record Result(int exit, String out, String err) {}

    private static Result swdt(String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exit =
                Main.run(
                        List.of(args),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Result(
                exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"version", "--version"})
    void says_its_version(String argument) {
        assertThat(swdt(argument)).isEqualTo(new Result(0, "swdt " + Main.VERSION + "\n", ""));
    }

    @Nested
    class Help {

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "config validate",
                    "config show",
                    "config schema",
                    "cluster create",
                    "cluster destroy",
                    "cluster status",
                    "cluster test",
                    "get kubeconfig",
                    "get nodes",
                    "get pods",
                    "completion",
                    "demo",
                    "version"
                })
        void is_there_for_every_command(String command) {
            Result help = swdt((command + " --help").split(" "));

            assertThat(help.exit()).isZero();
            assertThat(help.err()).isEmpty();
            assertThat(help.out()).startsWith("Usage: swdt " + command + " [");
        }

        @Test
        void lists_all_commands_without_arguments() {
            Result help = swdt();

            assertThat(help.exit()).isZero();
            assertThat(help.out())
                    .contains("config", "cluster", "get", "completion", "demo", "version");
        }

        @Test
        void is_the_answer_to_half_a_command() {
            Result half = swdt("cluster");

            assertThat(half.exit()).isEqualTo(2);
            assertThat(half.out()).isEmpty();
            assertThat(half.err()).startsWith("Usage: swdt cluster [-h] [COMMAND]\n");
        }
    }

    @Nested
    class A_wrong_command_line {

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "cluster create --timeout 5x | Invalid value for option '--timeout': '5x' is not a time such as 90s, 30m or 1h | swdt cluster create --help",
                    "cluster create --timeout 0s | Invalid value for option '--timeout': '0s' is not a time such as 90s, 30m or 1h | swdt cluster create --help",
                    "get nodes -o xml | Invalid value for option '--output': 'xml' is not one of table, json, yaml | swdt get nodes --help",
                    "cluster destroy --frce | Unknown option: '--frce' | swdt cluster destroy --help",
                    "completion | Missing required parameter: 'SHELL' | swdt completion --help",
                    "completion tcsh | no completion for 'tcsh' | name one of bash, zsh, fish, powershell",
                    "demo | the demo is part of swdt's source tree, which has what it needs | in the tree, run ./swdt demo",
                    "get nodes --cluster not-there | no cluster not-there was made from this machine | name its file: --config FILE",
                })
        void is_refused_with_the_reason_and_the_next_step(String line, String what, String next) {
            Result refused = swdt(line.split(" "));

            assertThat(refused.exit()).isEqualTo(2);
            assertThat(refused.out()).isEmpty();
            assertThat(refused.err().lines().toList())
                    .startsWith("error: " + what)
                    .endsWith("  next     " + next);
        }

        @Test
        void gets_the_nearest_command_as_a_suggestion() {
            assertThat(swdt("clustr").err()).contains("Did you mean: swdt cluster");
        }

        @Test
        void shows_no_stack_trace_unless_asked() {
            String trace = "\tat io.k8s.sigs.swdt.";

            assertThat(swdt("get", "pods", "--cluster", "not-there").err()).doesNotContain(trace);
            assertThat(swdt("get", "pods", "--cluster", "not-there", "--verbose").err())
                    .contains(trace);
        }
    }

    @Nested
    class A_cluster_file {

        @Test
        void without_mistakes_is_said_to_be_so() {
            assertThat(swdt("config", "validate", "-c", GOOD))
                    .isEqualTo(new Result(0, GOOD + ": 1 node, no mistakes\n", ""));
        }

        @ParameterizedTest
        @ValueSource(strings = {"config validate", "config show", "cluster create --dry-run"})
        void with_mistakes_is_refused_with_their_places(String command) {
            Result refused = swdt((command + " --config " + BAD).split(" "));

            assertThat(refused.exit()).isEqualTo(3);
            assertThat(refused.out()).isEmpty();
            assertThat(refused.err()).contains(BAD + ":").contains("nodes");
        }

        @Test
        void that_is_not_there_is_refused() {
            Result refused = swdt("config", "validate", "-c", "/not/there.yaml");

            assertThat(refused.exit()).isEqualTo(3);
            assertThat(refused.err()).contains("/not/there.yaml");
        }

        @Test
        void is_shown_with_all_defaults_and_can_be_read_again() {
            Result shown = swdt("config", "show", "--config", GOOD);

            assertThat(shown.exit()).isZero();
            assertThat(shown.out()).contains("apiVersion: swdt.sigs.k8s.io/v1alpha1", "podSubnet:");
        }

        @Test
        void has_a_schema() {
            assertThat(swdt("config", "schema").out())
                    .startsWith("{\n")
                    .contains("\"$schema\"", "\"additionalProperties\": false");
        }
    }

    @Nested
    class Completion_of {

        @Test
        void bash_knows_the_commands() {
            assertThat(swdt("completion", "bash").out()).contains("_picocli_swdt_cluster_create");
            assertThat(swdt("completion", "zsh")).isEqualTo(swdt("completion", "bash"));
        }

        @Test
        void fish_knows_what_may_follow_where() {
            assertThat(swdt("completion", "fish").out().lines())
                    .contains(
                            "complete -c swdt -n '__swdt_at \"\"' -a cluster -d 'Make a cluster, look at it, give its hosts back.'",
                            "complete -c swdt -n '__swdt_at \"cluster create\"' -l dry-run -d 'print the plan, touch nothing'",
                            "complete -c swdt -n '__swdt_at \"cluster create\"' -l timeout -x -d 'give up after this time, e.g. 90s, 30m (default), 1h'",
                            "complete -c swdt -n '__swdt_at \"get nodes\"' -l output -s o -x -a 'table json yaml' -d 'table (default), json or yaml'",
                            "        else if contains -- $word --config -c --output -o --cluster --timeout",
                            "complete -c swdt -n '__swdt_at \"completion\"' -a fish -d 'for fish'");
        }

        @Test
        void powershell_knows_what_may_follow_where() {
            assertThat(swdt("completion", "powershell").out())
                    .contains("    'cluster destroy' = @(@('--help', 'print this help'), ")
                    .contains("    'config schema' = @(,@('--help', 'print this help'))\n")
                    .contains("@('--force', 'also put back what was altered since')")
                    .contains(
                            "$swdtValued = @('--config', '-c', '--output', '-o', '--cluster', '--timeout')")
                    .contains("$swdtForms = @('table', 'json', 'yaml')")
                    .contains("Register-ArgumentCompleter -Native -CommandName swdt, swdt.cmd");
        }
    }
}
