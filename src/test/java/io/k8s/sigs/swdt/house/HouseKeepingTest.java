package io.k8s.sigs.swdt.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What is true of every file of the project. */
class HouseKeepingTest {

    private static final int MOST_LINES = 400;

    /** Written so that these patterns don't find themselves. */
    private static final Pattern LEFT_OPEN =
            Pattern.compile("\\b(TO[D]O|FIX[M]E|X[X]X)\\b|(?i:not yet[ ]implemented)");

    /** Where a user gets packages from is the user's choice, made outside the project. */
    private static final Pattern REGISTRY =
            Pattern.compile(
                    "repo1?\\.maven\\.|npmjs\\.(org|com)|pypi\\.(org|python)|pythonhosted\\."
                            + "|(?<!docs\\.|lib\\.)crates\\.io|(proxy|sum)\\.golang\\.org"
                            + "|(deb|security|snapshot|ftp)\\.debian\\.org|(archive|security)\\.ubuntu\\.");

    /** Folders of the machines that swdt was developed on. */
    private static final Pattern MACHINE = Pattern.compile("(?<![\\w.}~])/(work|tmp/[hw])(?=/)");

    private final List<Path> files = Sources.tracked();

    @Test
    void no_file_of_code_is_longer_than_400_lines() {
        List<String> long_ =
                files.stream()
                        .filter(f -> isCode(f))
                        .filter(f -> Sources.text(f).lines().count() > MOST_LINES)
                        .map(f -> f + ": " + Sources.text(f).lines().count() + " lines")
                        .toList();

        assertThat(long_).isEmpty();
    }

    private static boolean isCode(Path file) {
        return file.toString().matches(".*\\.(java|sh|ps1|psm1|cmd|py|c|go)") || isScript(file);
    }

    @Test
    void nothing_is_left_open() {
        assertThat(Sources.lines(files, line -> LEFT_OPEN.matcher(line).find())).isEmpty();
    }

    @Test
    void no_file_names_a_package_registry_or_a_folder_of_one_machine() {
        assertThat(Sources.lines(files, line -> REGISTRY.matcher(line).find())).isEmpty();
        assertThat(Sources.lines(files, line -> MACHINE.matcher(line).find())).isEmpty();
    }

    @Test
    void every_dependency_and_plugin_has_its_row_in_the_docs() {
        List<String> rows = Sources.text(Path.of("docs/dependencies.md")).lines().toList();
        List<Pom.Artifact> artifacts = Pom.artifacts(Path.of("pom.xml"));

        assertThat(artifacts).hasSizeGreaterThan(20);
        assertThat(artifacts.stream().filter(a -> rows.stream().noneMatch(r -> isRow(r, a))))
                .isEmpty();
    }

    private static boolean isRow(String row, Pom.Artifact artifact) {
        return row.startsWith("| `" + artifact.name() + "` | " + artifact.version() + " |");
    }

    @Test
    void every_shell_script_can_be_parsed() {
        var broken = new ArrayList<String>();
        int scripts = 0;
        for (Path file : files) {
            if (isShell(file)) {
                scripts++;
                String shell = Sources.firstLine(file).contains("bash") ? "bash" : "sh";
                Tool.Result result = Tool.run(shell, "-n", file.toString());
                if (result.exit() != 0) {
                    broken.add(file + ": " + result.output());
                }
            }
        }

        assertThat(broken).isEmpty();
        assertThat(scripts).isGreaterThan(5);
    }

    // Windows PowerShell gives a list of JSON as one object (PowerShell#3424); the test host does
    // not
    @Test
    void lists_of_json_are_taken_in_parentheses_of_their_own() {
        Pattern bare =
                Pattern.compile("@\\((?!\\().*\\| ConvertFrom-Json\\)|ConvertFrom-Json *\\|");

        assertThat(
                        files.stream()
                                .filter(f ->
                                        f.startsWith("src/main") && f.toString().endsWith(".ps1"))
                                .filter(f -> bare.matcher(Sources.text(f)).find()))
                .isEmpty();
    }

    @Test
    void scripts_for_any_sh_pass_shellcheck() {
        assumeTrue(Tool.installed("shellcheck"), "shellcheck is not installed");
        List<String> scripts =
                files.stream()
                        .filter(f -> f.startsWith("src/main") || f.startsWith("src/build"))
                        .filter(HouseKeepingTest::isShell)
                        .map(Path::toString)
                        .toList();
        var command = new ArrayList<>(List.of("shellcheck", "-s", "sh", "-f", "gcc", "-x"));
        command.addAll(List.of("-P", "SCRIPTDIR"));
        command.addAll(scripts);

        assertThat(scripts).isNotEmpty();
        assertThat(Tool.run(command.toArray(String[]::new))).isEqualTo(new Tool.Result(0, ""));
    }

    private static boolean isShell(Path file) {
        return file.toString().endsWith(".sh") || isScript(file);
    }

    /** A shell script by its first line, which may be the only sign. */
    private static boolean isScript(Path file) {
        return Files.isExecutable(file) && Sources.firstLine(file).matches("#!/bin/(ba)?sh\\b.*");
    }
}
