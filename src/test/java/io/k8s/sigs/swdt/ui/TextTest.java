package io.k8s.sigs.swdt.ui;

import static org.assertj.core.api.Assertions.assertThat;

import io.k8s.sigs.swdt.cluster.ExitCode;
import io.k8s.sigs.swdt.cluster.Failure;
import io.k8s.sigs.swdt.value.Secret;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Errors, tables, and the streams that they go to. */
class TextTest {

    @Test
    void an_error_names_the_place_the_cause_and_the_next_step() {
        Failure failure =
                new Failure(
                        ExitCode.CHANGE_FAILED,
                        List.of(
                                new Failure.Reason(
                                        "w1",
                                        "kubeadm join failed: exit code 1\n",
                                        List.of(
                                                new Failure.Detail("exit", "1"),
                                                new Failure.Detail("output", "one\ntwo")),
                                        "mend it"),
                                Failure.Reason.of(null, "another thing", null)),
                        null);

        assertThat(ErrorText.of(failure))
                .isEqualTo(
                        """
                        error: w1: kubeadm join failed: exit code 1
                          exit     1
                          output   one
                                   two
                          next     mend it
                        error: another thing
                        """);
    }

    @Test
    void a_table_has_aligned_columns_and_no_blanks_at_the_end() {
        assertThat(
                        TableText.of(
                                List.of("NODE", "STATUS"),
                                List.of(List.of("control-plane", "Ready"), List.of("w1", ""))))
                .isEqualTo(
                        """
                        NODE            STATUS
                        control-plane   Ready
                        w1
                        """);
    }

    @Nested
    class A_terminal {

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final ByteArrayOutputStream err = new ByteArrayOutputStream();
        private final List<String> log = new ArrayList<>();

        private Terminal terminal(String output) {
            return new Terminal(
                    new PrintStream(out, true, StandardCharsets.UTF_8),
                    new PrintStream(err, true, StandardCharsets.UTF_8),
                    new Terminal.Style(false, false, false, output),
                    new Terminal.Log() {
                        @Override
                        public void line(String line) {
                            log.add(line);
                        }

                        @Override
                        public void keep(Path folder, String command) {
                            log.add(folder + " " + command);
                        }
                    });
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "table | 'NODE   OS\nn1     Linux\n'",
                    "json | '[{\"node\":\"n1\",\"os\":\"Linux\"}]\n'",
                    "yaml | '- node: n1\n  os: Linux\n'"
                })
        void prints_a_table_in_the_chosen_form(String output, String expected) {
            terminal(output).table(List.of("NODE", "OS"), List.of(List.of("n1", "Linux")));

            assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(expected);
        }

        @Test
        void gives_results_to_standard_output_and_all_else_to_standard_error() throws Exception {
            Terminal terminal = terminal("table");
            terminal.keepLog(Path.of("logs"), "create");
            terminal.say("a warning");
            terminal.result("a result");

            assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("a result\n");
            assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("a warning\n");
            assertThat(log).containsExactly("logs create", "a warning", "a result");
        }

        @Test
        void gives_a_secret_to_standard_output_only() {
            terminal("table").reveal(new Secret("the key\n"));

            assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("the key\n");
            assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
            assertThat(log).isEmpty();
        }

        @Test
        void is_not_steered_by_what_hosts_print() {
            Terminal terminal = terminal("table");
            terminal.say("a\u001b[2Jb\u009b1mc\u202ed");

            assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("a [2Jb 1mc d\n");
            assertThat(
                            ErrorText.of(
                                    new Failure(
                                            ExitCode.FAILED,
                                            Failure.Reason.of("w1", "bad \u001b[31m", null))))
                    .isEqualTo("error: w1: bad  [31m\n");
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "table | 'w1: clean\n'",
                    "json | '{\"host\":\"w1\"}\n'",
                    "yaml | '- host: w1\n'"
                })
        void prints_a_result_in_the_chosen_form(String output, String expected) {
            terminal(output).result("w1: clean", Map.of("host", "w1"));

            assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(expected);
        }

        @Test
        void takes_no_answer_for_a_no_where_nobody_can_answer() {
            assertThat(terminal("table").ask("Sure?")).isFalse();
            assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
        }
    }

    @Test
    void nothing_is_drawn_without_a_person() {
        assertThat(Terminal.Style.of(false, "table", Map.of("NO_COLOR", "1")))
                .isEqualTo(new Terminal.Style(false, false, false, "table"));
    }
}
