package io.k8s.sigs.swdt.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.k8s.sigs.swdt.lab.PowerShellHost;
import io.k8s.sigs.swdt.lab.ScriptCoverage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The script that keeps flanneld and kube-proxy running, under Linux: what Windows would start is
 * noted instead. Paths of Windows are ordinary file names here. Skipped where there is no
 * PowerShell.
 */
class NetworkScriptTest {

    private static final String SETTINGS =
            """
            {"node": "win1", "network": "flannel.4096", "flanneld": ["--a=1"], "kubeProxy": ["--b=2"],
             "accounts": [{"kubeconfig": "f.conf", "namespace": "kube-flannel", "name": "flannel"}]}
            """;

    private static final String NETWORK =
            "New-Object PSObject -Property @{ Name = 'flannel.4096'; ManagementIP = '10.0.0.3'; Subnets = @(@{ AddressPrefix = '10.244.1.0/24' }) }";

    @TempDir static Path tools;
    @TempDir Path folder;

    private int rightsRefused;

    private PowerShellHost host = new PowerShellHost(Path.of(""));

    @BeforeEach
    void a_host() throws IOException {
        host =
                PowerShellHost.find(tools)
                        .orElseGet(() ->
                                Assumptions.abort(
                                        "the network's script is not run: no PowerShell test host in SWDT_PWSH"));
        Files.createDirectories(folder.resolve("k"));
        Files.writeString(folder.resolve("k/network.ps1"), Scripts.windowsNetwork());
        Files.writeString(folder.resolve("k\\network.json"), SETTINGS);
        hostLocal("echo '{\"ips\":[{\"address\":\"10.244.1.2/24\"}]}'");
        token(0, 100);
    }

    /** A token whose time began and ends so many days from now. */
    private void token(int began, int ends) throws IOException {
        long now = Instant.now().getEpochSecond();
        String claims =
                "{\"iat\":%d,\"exp\":%d,\"x\":\"ü?>\"}"
                        .formatted(now + began * 86400L, now + ends * 86400L);
        Files.writeString(
                folder.resolve("f.conf.token"),
                "head."
                        + Base64.getUrlEncoder()
                                .withoutPadding()
                                .encodeToString(claims.getBytes(StandardCharsets.UTF_8))
                        + ".tail");
    }

    private void kubectl(String answer) throws IOException {
        Path program = folder.resolve("k\\kubectl.exe");
        Files.writeString(program, "#!/bin/sh\necho \"$*\" > asked-kubectl\n" + answer + "\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
    }

    private void hostLocal(String answer) throws IOException {
        Path program = folder.resolve("C:\\opt\\cni\\bin\\host-local.exe");
        Files.writeString(program, "#!/bin/sh\ncat > asked\n" + answer + "\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
    }

    /**
     * What was started in some turns of the script's loop, where programs end at once or run on.
     */
    private List<String> started(int turns, boolean ended, int secondsAgo, String networks)
            throws IOException, InterruptedException {
        Path script =
                Files.writeString(
                        folder.resolve("around.ps1"),
                        """
                        $turns = %d
                        $script:turn = 0
                        $script:refused = %d
                        $script:starts = @()
                        function Start-Sleep { param($Seconds, $Milliseconds) if ($Milliseconds) { [IO.Directory]::Delete('f.conf.token'); return }; $script:turn++; if ($script:turn -ge $turns) { $script:starts; exit 0 } }
                        function Start-Process {
                            param($FilePath, $ArgumentList, [switch]$PassThru)
                            $script:starts += (($ArgumentList | Select-Object -Skip 1) -join ' ') -replace '^.*\\\\', ''
                            New-Object PSObject -Property @{ HasExited = $%s; ExitTime = [DateTime]::Now.AddSeconds(-%d); Handle = 1 }
                        }
                        function Get-HnsNetwork { %s }
                        function icacls.exe { $args -join ' ' | Add-Content -LiteralPath './rights'; $global:LASTEXITCODE = $script:refused }
                        . './k/network.ps1'
                        """
                                .formatted(turns, rightsRefused, ended, secondsAgo, networks));
        ProcessBuilder builder =
                new ProcessBuilder(host.program().toString(), "-File", script.toString());
        builder.environment().put(ScriptCoverage.VARIABLE, ScriptCoverage.folder().toString());
        builder.directory(folder.toFile()).redirectErrorStream(true);
        Process process = builder.start();
        process.getOutputStream().close();
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            return lines.lines().toList();
        } finally {
            process.waitFor();
        }
    }

    @Test
    void flanneld_comes_first_and_kube_proxy_with_its_network()
            throws IOException, InterruptedException {
        assertThat(started(3, false, 0, "")).containsExactly("flanneld.exe --a=1");
        assertThat(started(3, false, 0, NETWORK))
                .containsExactly(
                        "flanneld.exe --a=1", "kube-proxy.exe --b=2 --source-vip=10.244.1.2");
        assertThat(Files.readString(folder.resolve("asked")))
                .contains("\"subnet\":\"10.244.1.0/24\"", "\"name\":\"flannel.4096\"");
    }

    @Test
    void an_address_that_was_reserved_once_is_used_again()
            throws IOException, InterruptedException {
        Path reserved =
                Files.createDirectory(folder.resolve("C:\\var\\lib\\cni\\networks\\flannel.4096"));
        Files.writeString(reserved.resolve("last_reserved_ip.0"), "10.244.1.9");
        Files.writeString(reserved.resolve("10.244.1.9"), "kube-proxy\r\nsource-vip");

        assertThat(started(2, false, 0, NETWORK))
                .contains("kube-proxy.exe --b=2 --source-vip=10.244.1.9");
        assertThat(folder.resolve("asked")).doesNotExist();
    }

    @Test
    void what_ended_is_started_again_after_a_while() throws IOException, InterruptedException {
        // ended just now: not yet; ended a minute ago: each turn, as the stand-in ends at once
        assertThat(started(3, true, 0, "")).hasSize(1);
        assertThat(started(3, true, 61, "")).hasSizeGreaterThan(1);
    }

    @Test
    void an_account_makes_its_next_token_itself_when_half_of_the_present_ones_time_is_over()
            throws IOException, InterruptedException {
        kubectl("echo next");
        started(2, false, 0, "");
        assertThat(folder.resolve("asked-kubectl")).doesNotExist();

        token(-51, 49);
        started(2, false, 0, "");

        assertThat(Files.readString(folder.resolve("asked-kubectl")))
                .isEqualTo(
                        "--kubeconfig=f.conf --cache-dir=C:/run/flannel/kubectl --request-timeout=30s --namespace=kube-flannel"
                                + " create token flannel --duration=8760h\n");
        assertThat(Files.readString(folder.resolve("f.conf.token"))).isEqualTo("next");
        assertThat(Files.readString(folder.resolve("rights")))
                .isEqualTo("f.conf.token.new /inheritance:r /grant *S-1-5-18:F *S-1-5-32-544:F\n");
    }

    @Test
    void a_token_that_cannot_be_read_is_an_old_one() throws IOException, InterruptedException {
        kubectl("echo next");
        Files.writeString(folder.resolve("f.conf.token"), "cut off");

        started(2, false, 0, "");

        assertThat(Files.readString(folder.resolve("f.conf.token"))).isEqualTo("next");
    }

    @Test
    void
            a_refused_token_is_asked_for_again_later_the_old_one_is_kept_and_other_accounts_get_theirs()
                    throws IOException, InterruptedException {
        kubectl("case $* in *kube-flannel*) echo no >&2; exit 1 ;; *) echo next ;; esac");
        Files.writeString(
                folder.resolve("k\\network.json"),
                SETTINGS.replace(
                        "\"flannel\"}",
                        "\"flannel\"}, {\"kubeconfig\": \"p.conf\", \"namespace\": \"kube-system\", \"name\": \"kube-proxy\"}"));
        token(-51, 49);
        String old = Files.readString(folder.resolve("f.conf.token"));

        assertThat(started(3, false, 0, "")).containsExactly("flanneld.exe --a=1");

        assertThat(Files.readString(folder.resolve("f.conf.token"))).isEqualTo(old);
        assertThat(Files.readString(folder.resolve("C:\\var\\log\\flanneld\\network.log")))
                .containsOnlyOnce("kubectl.exe ended with exit code 1: no");
        assertThat(Files.readString(folder.resolve("p.conf.token"))).isEqualTo("next");
    }

    @Test
    void a_token_in_use_is_replaced_a_moment_later() throws IOException, InterruptedException {
        kubectl("echo next");
        // a folder in its place goes while the script waits
        Files.deleteIfExists(folder.resolve("f.conf.token"));
        Files.createDirectory(folder.resolve("f.conf.token"));

        started(2, false, 0, "");

        assertThat(Files.readString(folder.resolve("f.conf.token"))).isEqualTo("next");
    }

    @Test
    void a_token_that_others_could_read_is_not_written() throws IOException, InterruptedException {
        kubectl("echo next");
        token(-51, 49);
        String old = Files.readString(folder.resolve("f.conf.token"));
        rightsRefused = 5;

        started(2, false, 0, "");

        assertThat(Files.readString(folder.resolve("f.conf.token"))).isEqualTo(old);
        assertThat(Files.readString(folder.resolve("f.conf.token.new"))).isEmpty();
        assertThat(Files.readString(folder.resolve("C:\\var\\log\\flanneld\\network.log")))
                .contains("the rights of f.conf.token.new cannot be set (icacls.exe: exit code 5)");
    }

    @Test
    void no_network_service_and_no_address_are_waited_for()
            throws IOException, InterruptedException {
        assertThat(started(3, false, 0, "throw 'no service'"))
                .containsExactly("flanneld.exe --a=1");
        hostLocal("echo '{\"msg\": \"no addresses\"}'; exit 1");
        assertThat(started(3, false, 0, NETWORK)).containsExactly("flanneld.exe --a=1");
        assertThat(Files.readString(folder.resolve("C:\\var\\log\\flanneld\\network.log")))
                .contains("host-local.exe ended with exit code 1: {\"msg\": \"no addresses\"}");
    }
}
