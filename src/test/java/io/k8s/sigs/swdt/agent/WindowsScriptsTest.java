package io.k8s.sigs.swdt.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The scripts for Windows as the checker of the PowerShell test host sees them: syntax, what
 * Windows PowerShell 5.1 lacks, aliases, Invoke-Expression, unknown commands. Skipped where there
 * is none.
 */
class WindowsScriptsTest {

    private static final Path SCRIPTS =
            Path.of("src/main/resources/io/k8s/sigs/swdt/agent/windows");

    /** Cmdlets of Windows that the test host does not bring: all that the scripts may use. */
    private static final List<String> OF_WINDOWS =
            List.of(
                    "Add-MpPreference",
                    "Get-CimInstance",
                    "Get-HnsEndpoint",
                    "Get-HnsNetwork",
                    "Get-HnsPolicyList",
                    "Get-MpPreference",
                    "Get-NetFirewallPortFilter",
                    "Get-NetFirewallProfile",
                    "Get-NetFirewallRule",
                    "Get-NetRoute",
                    "Get-ScheduledTask",
                    "Get-WindowsFeature",
                    "Install-WindowsFeature",
                    "New-NetFirewallRule",
                    "New-ScheduledTaskAction",
                    "New-ScheduledTaskPrincipal",
                    "New-ScheduledTaskSettingsSet",
                    "New-ScheduledTaskTrigger",
                    "Register-ScheduledTask",
                    "Remove-HnsEndpoint",
                    "Remove-HnsNetwork",
                    "Remove-HnsPolicyList",
                    "Remove-MpPreference",
                    "Remove-NetFirewallRule",
                    "Set-NetFirewallProfile",
                    "Start-ScheduledTask",
                    "Stop-ScheduledTask",
                    "Uninstall-WindowsFeature",
                    "Unregister-ScheduledTask");

    @TempDir static Path folder;

    private static Optional<Path> pwsh = Optional.empty();

    @BeforeAll
    static void a_powershell() throws IOException {
        pwsh = find(System.getenv().getOrDefault("SWDT_PWSH", ""));
        org.junit.jupiter.api.Assumptions.assumeTrue(
                pwsh.isPresent(),
                "the scripts for Windows are not checked: no PowerShell test host in SWDT_PWSH");
    }

    private static Optional<Path> find(String place) throws IOException {
        if (place.isEmpty()) {
            return Optional.empty();
        }
        Path archive = Path.of(place, "pwsh-linux-x64.tar.xz");
        Path unpacked = Path.of(place, "pwsh-linux-x64", "pwsh");
        if (!Files.exists(unpacked) && Files.exists(archive)) {
            run("tar", "-xJf", archive.toString(), "-C", folder.toString());
            unpacked = folder.resolve("pwsh-linux-x64/pwsh");
        }
        return Optional.of(unpacked).filter(Files::isExecutable);
    }

    private static String run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static String check(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("script.ps1"), text);
        Path allowed = Files.write(folder.resolve("allowed"), OF_WINDOWS);
        return run(
                pwsh.orElseThrow().toString(),
                "-CheckScript",
                "-Allow",
                allowed.toString(),
                file.toString());
    }

    @Test
    void the_agent_is_made_of_what_5_1_has() throws IOException {
        String library = RemoteText.library();

        assertThat(check(library)).isEmpty();
        assertThat(library).isASCII();
    }

    @Test
    void the_networks_script_is_made_of_what_5_1_has() throws IOException {
        assertThat(check(Scripts.windowsNetwork())).isEmpty();
        assertThat(Scripts.windowsNetwork()).isASCII();
    }

    @Test
    void the_checker_finds_what_5_1_lacks() throws IOException {
        assertThat(check("$a = $null ?? 1\ngci C:\\\nGet-Nothing\n").lines()).hasSizeGreaterThan(2);
    }

    @Test
    void every_script_is_part_of_a_program_or_goes_to_hosts() throws IOException {
        List<String> names = new ArrayList<>();
        try (Stream<Path> files = Files.list(SCRIPTS)) {
            files.forEach(f -> names.add(f.getFileName().toString().toLowerCase(Locale.ROOT)));
        }

        assertThat(names)
                .containsExactlyInAnyOrder(
                        "core.ps1",
                        "program.ps1",
                        "files.ps1",
                        "system.ps1",
                        "node.ps1",
                        "facts.ps1",
                        "network.ps1");
    }

    /** The library as hosts get it, without the line of JSON before it. */
    private static final class RemoteText {

        static String library() {
            String input = new WindowsAgent().facts().input();
            return input.substring(input.indexOf('\n') + 1);
        }
    }
}
