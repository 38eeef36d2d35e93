package io.k8s.sigs.swdt.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.k8s.sigs.swdt.lab.PowerShellHost;
import io.k8s.sigs.swdt.lab.ScriptCoverage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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

    private static final Path SCRIPTS = Path.of("src/main/resources/io/k8s/sigs/swdt/agent");
    private static final Path REPORT = Path.of("docs/script-coverage.md");

    /**
     * So many lines are reached by races only: a service that goes slowly, a file just taken away.
     */
    private static final int NOW_AND_THEN = 4;

    @TempDir static Path folder;

    /** By script, the lines that did not run. */
    private final Map<Path, Set<Integer>> left = new LinkedHashMap<>();

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
        count(host, WindowsAgent.LIBRARY, ofLibrary);
        // in more than one script: ran if it did in any of them
        count(host, Scripts.NETWORK, ScriptCoverage.lines(List.of("network.ps1")));
        count(
                host,
                List.of("../connection/direct.ps1"),
                ScriptCoverage.lines(List.of("direct.ps1")));
        sum(host);

        if (Boolean.getBoolean("swdt.update")) {
            Files.writeString(REPORT, report());
        }
        List<String> listed = Files.readAllLines(REPORT);
        assertThat(never.stream().filter(line -> !listed.contains(line)).toList())
                .as("lines that did not run and are not listed")
                .hasSizeLessThanOrEqualTo(NOW_AND_THEN);
    }

    /** Scripts that follow each other in one file, of which these lines ran. */
    private void count(PowerShellHost host, List<String> names, Set<Integer> ran)
            throws IOException {
        int before = 0;
        for (String name : names) {
            Path script = SCRIPTS.resolve(name).normalize();
            int start = before;
            Set<Integer> lines =
                    left.computeIfAbsent(script, s -> new TreeSet<>(ScriptCoverage.all(host, s)));
            lines.removeIf(n -> ran.contains(start + n));
            before += Files.readAllLines(script).size();
        }
    }

    private void sum(PowerShellHost host) throws IOException {
        for (Map.Entry<Path, Set<Integer>> entry : left.entrySet()) {
            String name = String.valueOf(entry.getKey().getFileName());
            int all = ScriptCoverage.all(host, entry.getKey()).size();
            int ran = all - entry.getValue().size();
            table.add("| `" + name + "` | " + all + " | " + ran + " |");
            List<String> text = Files.readAllLines(entry.getKey());
            for (int line : entry.getValue()) {
                never.add(
                        "- `" + name + "`: `" + text.get(line - 1).strip().replace("`", "'") + "`");
            }
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
