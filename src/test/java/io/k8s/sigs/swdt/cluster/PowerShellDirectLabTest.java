package io.k8s.sigs.swdt.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.k8s.sigs.swdt.connection.HyperV;
import io.k8s.sigs.swdt.lab.Lab;
import io.k8s.sigs.swdt.lab.LabClusterFile;
import io.k8s.sigs.swdt.lab.LabHost;
import io.k8s.sigs.swdt.lab.LabTest;
import io.k8s.sigs.swdt.lab.PowerShellHost;
import io.k8s.sigs.swdt.lab.Swdt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A Windows-like host as a virtual machine: the stand-in for Hyper-V opens real sessions of
 * PowerShell's remoting on it.
 */
@LabTest(windows = true)
class PowerShellDirectLabTest {

    private static final String KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOnly/A/Test me@here";

    @TempDir static Path home;

    private static LabHost windows;
    private static String file = "";
    private static Swdt swdt = new Swdt(Path.of(""));

    @BeforeAll
    static void a_machine_that_ssh_does_not_let_in(Lab lab) throws IOException {
        LabHost controlPlane = lab.linux("pd-cp");
        windows = lab.windows("pd-win");
        HyperV hyperV =
                new HyperV(home, PowerShellHost.find(home).orElseThrow())
                        .machineBehind(
                                "Windows worker 1",
                                List.of(
                                        "ssh",
                                        "-i",
                                        lab.keyFile().toString(),
                                        "-oStrictHostKeyChecking=no",
                                        "-oUserKnownHostsFile=/dev/null",
                                        "-oLogLevel=ERROR",
                                        "Administrator@" + windows.address()));
        swdt =
                new Swdt(
                        home,
                        Map.of(
                                "SWDT_POWERSHELL",
                                hyperV.powerShell().toString(),
                                "VM_PASSWORD",
                                HyperV.PASSWORD));
        Path key = Files.writeString(home.resolve("id"), "no key");
        Files.writeString(home.resolve("id.pub"), KEY + "\n");
        String text =
                new LabClusterFile(lab, "direct")
                        .text(List.of(controlPlane, windows))
                        .replace(
                                "user: Administrator",
                                "user: Administrator, agent: false, keyFile: "
                                        + key
                                        + "}, connection: {fallback: powershellDirect,"
                                        + " powershellDirect: {vm: Windows worker 1, user: me,"
                                        + " password: {env: VM_PASSWORD}}");
        file = Files.writeString(home.resolve("direct.yaml"), text).toString();
    }

    @Test
    void where_ssh_is_refused_the_plan_comes_by_powershell_direct() {
        Swdt.Result plan =
                swdt.run(
                        "cluster",
                        "create",
                        "--config",
                        file,
                        "--dry-run",
                        "--accept-new-host-keys");

        assertThat(plan.exit()).as(plan.toString()).isZero();
        assertThat(plan.stderr())
                .containsPattern("pd-win: .*; PowerShell Direct is used instead")
                .contains("+  feature Containers", "restart", "+  kubeadm join");
    }

    @Test
    void ssh_is_brought_to_a_machine_once() {
        windows.run(
                "rm -f /C:/ProgramData/lab/state/offline.json; touch /C:/ProgramData/testsvc-sshd.log");
        String keys = windows.read("/C:/ProgramData/ssh/administrators_authorized_keys");

        Swdt.Result plan = swdt.run("node", "enable-ssh", "pd-win", "--config", file, "--dry-run");
        assertThat(plan.exit()).as(plan.toString()).isZero();
        assertThat(plan.stderr())
                .contains(
                        "pd-win, virtual machine Windows worker 1: OpenSSH's server is installed");
        assertThat(windows.execAs("Administrator", "sc query sshd").exit()).isNotZero();

        windows.write("/C:/ProgramData/lab/state/offline.json", "[true]");
        Swdt.Result offline = swdt.run("node", "enable-ssh", "pd-win", "--config", file, "--yes");
        assertThat(offline.exit()).as(offline.toString()).isEqualTo(7);
        assertThat(offline.stderr())
                .contains(
                        "error: pd-win: OpenSSH server failed: Add-WindowsCapability failed. Error code = 0x800f0950",
                        "  next     Windows gets OpenSSH from Windows Update");
        windows.run("rm /C:/ProgramData/lab/state/offline.json");

        Swdt.Result enabled = swdt.run("node", "enable-ssh", "pd-win", "--config", file, "--yes");
        assertThat(enabled.exit()).as(enabled.toString()).isZero();
        assertThat(enabled.stderr())
                .contains(
                        "pd-win: OpenSSH server: applied",
                        "pd-win: service sshd: applied",
                        "pd-win: firewall rule OpenSSH-Server-In-TCP: applied",
                        "pd-win: key of administrators: applied");
        assertThat(windows.read("/C:/ProgramData/ssh/administrators_authorized_keys"))
                .isEqualTo(keys.stripTrailing() + "\n" + KEY + "\n");

        windows.execAs(
                "Administrator",
                "powershell -Command Remove-NetFirewallRule -Name OpenSSH-Server-In-TCP");
        Swdt.Result again = swdt.run("node", "enable-ssh", "pd-win", "--config", file, "--yes");
        assertThat(again.exit()).as(again.toString()).isZero();
        assertThat(again.stderr())
                .contains(
                        "pd-win: OpenSSH server: kept",
                        "pd-win: service sshd: kept",
                        "pd-win: firewall rule OpenSSH-Server-In-TCP: applied",
                        "pd-win: key of administrators: kept");
    }

    @Test
    void a_node_that_is_none_or_has_no_machine_is_named() {
        Swdt.Result none = swdt.run("node", "enable-ssh", "nobody", "--config", file);
        assertThat(none.exit()).isEqualTo(2);
        assertThat(none.stderr())
                .contains("there is no node nobody in ", "next     name one of pd-cp, pd-win");

        Swdt.Result linux = swdt.run("node", "enable-ssh", "pd-cp", "--config", file);
        assertThat(linux.exit()).isEqualTo(2);
        assertThat(linux.stderr()).contains("pd-cp: has no connection.powershellDirect in ");
    }
}
