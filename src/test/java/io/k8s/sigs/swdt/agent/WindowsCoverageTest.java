package io.k8s.sigs.swdt.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.k8s.sigs.swdt.lab.PowerShellHost;
import io.k8s.sigs.swdt.lab.ScriptCoverage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whether every line of the PowerShell scripts ran in some test, by what the test host noted; after
 * all other tests. The report is {@code docs/script-coverage.md}: {@code -Dswdt.update=true} writes
 * it anew. Skipped where the tests with Windows-like hosts did not run.
 */
@Order(Integer.MAX_VALUE)
class WindowsCoverageTest {

    private static final Path SCRIPTS =
            Path.of("src/main/resources/io/k8s/sigs/swdt/agent/windows");
    private static final Path REPORT = Path.of("docs/script-coverage.md");
    private static final List<String> LIBRARY =
            List.of(
                    "core.ps1",
                    "program.ps1",
                    "files.ps1",
                    "system.ps1",
                    "node.ps1",
                    "facts.ps1",
                    "ssh.ps1");

    /**
     * So many lines are reached by races only: a service that goes slowly, a file just taken away.
     */
    private static final int NOW_AND_THEN = 4;

    @TempDir static Path folder;

    private final List<String> table = new ArrayList<>();
    private final List<String> never = new ArrayList<>();

    @Test
    void every_line_ran_but_those_that_are_listed() throws IOException {
        PowerShellHost host =
                PowerShellHost.find(folder)
                        .orElseGet(() -> Assumptions.abort("no PowerShell test host in SWDT_PWSH"));
        Set<Integer> ofLibrary =
                ScriptCoverage.lines(List.of("program.ps1", ScriptCoverage.LIBRARY));
        Assumptions.assumeTrue(
                !ofLibrary.isEmpty(), "no test with a Windows-like host ran before this one");
        int before = 0;
        for (String name : LIBRARY) {
            Path script = SCRIPTS.resolve(name);
            int start = before;
            count(host, script, line -> ofLibrary.contains(start + line));
            before += Files.readAllLines(script).size();
        }
        count(
                host,
                SCRIPTS.resolve("network.ps1"),
                ScriptCoverage.lines(List.of("network.ps1"))::contains);
        count(
                host,
                SCRIPTS.resolve("../../connection/direct.ps1").normalize(),
                ScriptCoverage.lines(List.of("direct.ps1"))::contains);

        if (Boolean.getBoolean("swdt.update")) {
            Files.writeString(REPORT, report());
        }
        List<String> listed = Files.readAllLines(REPORT);
        assertThat(never.stream().filter(line -> !listed.contains(line)).toList())
                .as("lines that did not run and are not listed")
                .hasSizeLessThanOrEqualTo(NOW_AND_THEN);
    }

    private interface Ran {
        boolean line(int number);
    }

    private void count(PowerShellHost host, Path script, Ran ran) throws IOException {
        List<String> text = Files.readAllLines(script);
        Set<Integer> all = ScriptCoverage.all(host, script);
        List<Integer> missing = all.stream().filter(n -> !ran.line(n)).toList();
        String name = script.getFileName().toString();
        table.add(
                "| `" + name + "` | " + all.size() + " | " + (all.size() - missing.size()) + " |");
        for (int line : missing) {
            never.add("- `" + name + "`: `" + text.get(line - 1).strip().replace("`", "'") + "`");
        }
    }

    private String report() {
        return """
        # Which lines of the PowerShell scripts ran in tests

        Lines on which a statement begins, and those of them that ran under a PowerShell engine: the agent and its kinds of change on
        Windows-like hosts, the network's script and PowerShell Direct's under Linux. Made by `./build test` with `WindowsCoverageTest`
        (`-Dswdt.update=true`), which fails when more than a few lines did not run that are not listed here (some are reached by races only).

        | script | lines | ran |
        |---|---|---|
        """
                + String.join("\n", table)
                + "\n\n## Never ran\n\n"
                + (never.isEmpty() ? "None.\n" : String.join("\n", never) + "\n");
    }
}
