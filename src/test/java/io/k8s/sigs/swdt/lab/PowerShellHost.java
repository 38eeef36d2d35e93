package io.k8s.sigs.swdt.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The PowerShell test host for Linux, by which scripts are looked at without being run.
 *
 * @param program its executable
 */
public record PowerShellHost(Path program) {

    /**
     * The one in the folder that {@code SWDT_PWSH} names; empty where there is none.
     *
     * @param unpacked a folder for what is only there as an archive
     */
    public static Optional<PowerShellHost> find(Path unpacked) {
        String place = System.getenv().getOrDefault("SWDT_PWSH", "");
        Path archive = Path.of(place, "pwsh-linux-x64.tar.xz");
        Path program = Path.of(place, "pwsh-linux-x64", "pwsh");
        if (!place.isEmpty() && !Files.exists(program) && Files.exists(archive)) {
            Commands.output(Map.of(), "tar", "-xJf", archive.toString(), "-C", unpacked.toString());
            program = unpacked.resolve("pwsh-linux-x64/pwsh");
        }
        return !place.isEmpty() && Files.isExecutable(program)
                ? Optional.of(new PowerShellHost(program))
                : Optional.empty();
    }

    /**
     * What is wrong with a script for Windows PowerShell 5.1, as lines; empty where nothing is.
     *
     * @param allowed commands that the test host does not have
     */
    public String check(Path script, Path allowed) {
        return Commands.run(
                        Map.of(),
                        "",
                        program.toString(),
                        "-CheckScript",
                        "-Allow",
                        allowed.toString(),
                        script.toString())
                .stdout();
    }

    /** Writes a text where it can be looked at. */
    public static Path write(Path folder, String name, String text) {
        try {
            return Files.writeString(folder.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
