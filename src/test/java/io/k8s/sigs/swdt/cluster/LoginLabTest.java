package io.k8s.sigs.swdt.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.k8s.sigs.swdt.lab.Lab;
import io.k8s.sigs.swdt.lab.LabClusterFile;
import io.k8s.sigs.swdt.lab.LabHost;
import io.k8s.sigs.swdt.lab.LabTest;
import io.k8s.sigs.swdt.lab.Swdt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster whose hosts are reached in different ways, none of them as root, and route pods. */
@LabTest
class LoginLabTest {

    @TempDir Path home;

    @Test
    void a_cluster_is_made_by_users_with_sudo_fish_and_a_jump_host(Lab lab) throws IOException {
        List<LabHost> hosts = lab.linux("lo-cp", "lo-w1");
        LabHost controlPlane = hosts.get(0);
        LabHost worker = hosts.get(1);
        lab.servePackages();
        controlPlane.run("apt-get -qq update && apt-get -qq install -y fish > /dev/null");
        controlPlane.run("usermod -s /usr/bin/fish deploy");
        // the worker's own user has a password for sudo, and is reached through the other host only
        worker.run(
                "nft add table inet guard; nft add chain inet guard in '{ type filter hook input priority 0; }';"
                        + " nft add rule inet guard in ip saddr %s.254 tcp dport 22 reject"
                                .formatted(lab.network()));
        // what kubeadm asks for and a host lacks comes from the distribution, and goes again
        worker.run("dpkg --purge iptables");
        String jump =
                ", ssh: {user: sudopw, sudoPassword: {env: PASSWORD}, jump: {host: %s, user: deploy, keyFile: %s}}}"
                        .formatted(controlPlane.address(), lab.keyFile());
        Path file = new LabClusterFile(lab, "logins").withUser("deploy").write(home, hosts);
        String text = Files.readString(file);
        Files.writeString(
                file,
                text.replace("\nspec:\n", "\nspec:\n  network: {backend: host-gw}\n")
                        .replace(
                                "address: " + worker.address() + "}",
                                "address: " + worker.address() + jump));
        Swdt swdt = new Swdt(home, Map.of("PASSWORD", "sudo-pw"));

        Swdt.Result created =
                swdt.run(
                        "cluster",
                        "create",
                        "--config",
                        file.toString(),
                        "--yes",
                        "--accept-new-host-keys",
                        "--verbose");
        String routes = controlPlane.run("ip route");
        Swdt.Result destroyed =
                swdt.run("cluster", "destroy", "--config", file.toString(), "--yes");

        assertThat(created.exit()).as(created.toString()).isZero();
        assertThat(created.stdout())
                .containsPattern("lo-cp +Ready")
                .containsPattern("lo-w1 +Ready")
                .containsPattern("exec +passed");
        assertThat(routes).contains("10.244.1.0/24 via " + worker.address());
        assertThat(created.stderr()).contains("lo-w1: applied packages iptables");
        assertThat(created.toString()).doesNotContain("sudo-pw");
        assertThat(destroyed.exit()).as(destroyed.toString()).isZero();
        assertThat(destroyed.stdout())
                .contains("lo-cp: as it was before the first change")
                .contains("lo-w1: as it was before the first change");
        assertThat(worker.exec("dpkg -s iptables").exit()).isNotZero();
    }
}
