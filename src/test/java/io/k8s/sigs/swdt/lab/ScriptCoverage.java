package io.k8s.sigs.swdt.lab;

import io.k8s.sigs.swdt.value.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Which lines of PowerShell scripts ran, as the PowerShell test host notes them: lines of script
 * files only, of processes that reached their end.
 */
public final class ScriptCoverage {

    /** By which the test host knows where to note lines. */
    public static final String VARIABLE = "PWSH_COVERAGE";

    /** Name of the file as which tests run the agent's library, where it would be run as text. */
    public static final String LIBRARY = "library.ps1";

    private static final Path SCRIPTS = Path.of("src/main/resources");
    // lines of other scripts than the present ones count for nothing
    private static final Path FOLDER =
            Path.of("target", "script-coverage", digest()).toAbsolutePath();
    private static final String ON_HOST = "/var/tmp/script-coverage";

    private ScriptCoverage() {}

    private static String digest() {
        try (Stream<Path> files = Files.walk(SCRIPTS)) {
            StringBuilder all = new StringBuilder();
            for (Path file : files.filter(f -> f.toString().endsWith(".ps1")).sorted().toList()) {
                all.append(Sha256.of(file).hex());
            }
            return Sha256.of(all.toString()).hex().substring(0, 12);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where PowerShell of this machine is to note its lines. */
    public static Path folder() {
        return FOLDER;
    }

    /** From now on each PowerShell of the host notes its lines. */
    static void watch(LabHost host) {
        host.execAs(
                "Administrator",
                "reg add \"HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment\" /v "
                        + VARIABLE
                        + " /t REG_SZ /d Z:"
                        + ON_HOST.replace('/', '\\')
                        + " /f");
    }

    /** Brings what a host has noted; nothing from one that is out of reach. */
    static void collect(LabHost host) {
        LabHost.Result noted =
                host.exec(
                        "cat "
                                + ON_HOST
                                + "/*.cov 2>/dev/null | grep -aiE '(program|network|library)\\.ps1\\|' | sort -u");
        if (noted.exit() == 0) {
            try {
                Files.createDirectories(FOLDER);
                Files.writeString(
                        FOLDER.resolve(host.name() + "-" + System.nanoTime() + ".cov"),
                        noted.stdout());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The numbers of all lines that were noted for script files of these names. */
    public static Set<Integer> lines(List<String> names) {
        Set<Integer> lines = new TreeSet<>();
        if (!Files.isDirectory(FOLDER)) {
            return lines;
        }
        try (Stream<Path> files = Files.list(FOLDER)) {
            for (Path file : files.toList()) {
                for (String line : Files.readAllLines(file)) {
                    int bar = line.lastIndexOf('|');
                    String name = line.substring(0, bar).replaceFirst(".*[/\\\\]", "");
                    if (names.contains(name)) {
                        lines.add(Integer.parseInt(line.substring(bar + 1)));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return lines;
    }

    /** The numbers of the lines on which a statement of a script begins. */
    public static Set<Integer> all(PowerShellHost host, Path script) {
        Set<Integer> lines = new TreeSet<>();
        Commands.output(Map.of(), host.program().toString(), "-ScriptLines", script.toString())
                .lines()
                .forEach(l -> lines.add(Integer.parseInt(l.substring(l.lastIndexOf('|') + 1))));
        return lines;
    }
}
