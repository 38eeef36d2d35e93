package io.k8s.sigs.swdt.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.k8s.sigs.swdt.lab.PowerShellHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
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
                    "Add-WindowsCapability",
                    "Get-CimInstance",
                    "Get-HnsEndpoint",
                    "Get-HnsNetwork",
                    "Get-HnsPolicyList",
                    "Get-MpComputerStatus",
                    "Get-MpPreference",
                    "Get-NetFirewallPortFilter",
                    "Get-NetFirewallProfile",
                    "Get-NetFirewallRule",
                    "Get-NetRoute",
                    "Get-ScheduledTask",
                    "Get-WindowsFeature",
                    "Hyper-V\\Get-VM",
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
                    "Set-NetFirewallRule",
                    "Rename-Computer",
                    "Start-ScheduledTask",
                    "Stop-ScheduledTask",
                    "Uninstall-WindowsFeature",
                    "Unregister-ScheduledTask",
                    "icacls.exe");

    @TempDir static Path folder;

    private static Optional<PowerShellHost> pwsh = Optional.empty();

    @BeforeAll
    static void a_powershell() {
        pwsh = PowerShellHost.find(folder);
        Assumptions.assumeTrue(
                pwsh.isPresent(),
                "the scripts for Windows are not checked: no PowerShell test host in SWDT_PWSH");
    }

    private static String check(String text) {
        return pwsh.orElseThrow()
                .check(
                        PowerShellHost.write(folder, "script.ps1", text),
                        PowerShellHost.write(folder, "allowed", String.join("\n", OF_WINDOWS)));
    }

    @Test
    void the_agent_is_made_of_what_5_1_has() {
        String library = WindowsAgent.library();

        assertThat(check(library)).isEmpty();
        assertThat(library).isASCII();
    }

    @Test
    void the_networks_script_is_made_of_what_5_1_has() {
        assertThat(check(Scripts.windowsNetwork())).isEmpty();
        assertThat(Scripts.windowsNetwork()).isASCII();
    }

    @Test
    void powershell_directs_script_is_made_of_what_5_1_has() throws IOException {
        String script = Files.readString(SCRIPTS.resolve("../../connection/direct.ps1"));

        assertThat(check(script)).isEmpty();
        assertThat(script).isASCII();
    }

    @Test
    void the_checker_finds_what_5_1_lacks() {
        assertThat(check("$a = $null ?? 1\ngci C:\\\nGet-Nothing\n").lines()).hasSizeGreaterThan(2);
    }

    @Test
    void every_script_is_part_of_a_program_or_goes_to_hosts() throws IOException {
        List<String> names = new ArrayList<>();
        try (Stream<Path> files = Files.list(SCRIPTS)) {
            files.forEach(f -> names.add(f.getFileName().toString().toLowerCase(Locale.ROOT)));
        }

        assertThat(
                        Stream.concat(WindowsAgent.LIBRARY.stream(), Scripts.NETWORK.stream())
                                .map(n -> n.replace("windows/", ""))
                                .collect(Collectors.toSet()))
                .containsExactlyInAnyOrderElementsOf(names);
    }
}
