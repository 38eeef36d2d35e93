package io.k8s.sigs.swdt.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.host.Facts;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A Windows host ... */
class WindowsFitnessTest {

    private static final Cluster CLUSTER = Samples.withWindows("");

    private final Map<String, Facts> hosts = new LinkedHashMap<>();

    WindowsFitnessTest() {
        hosts.put("cp1", Samples.facts(1));
        hosts.put("w1", Samples.facts(2));
        hosts.put("win1", Samples.windowsFacts(3));
    }

    private List<String> refusals() {
        return Fitness.refusals(CLUSTER, hosts).stream()
                .map(r -> r.host() + " " + r.what() + " -> " + r.next())
                .toList();
    }

    @Test
    void is_fit_when_it_is_well() {
        assertThat(refusals()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "os Linux debian 12 Debian | is not a Windows host (Debian) | set os: linux, or another address",
                "os Windows windows 17763 2019 | is Windows Server 2019, which Kubernetes supports no more (kubernetes/website#53724) | use a host with Windows Server 2022 or 2025",
                "os Windows windows 25398 23H2 | is 23H2, build 25398 | use a host with Windows Server 2022 (build 20348) or 2025 (26100)",
                "installation Client | is Windows-Server-2022: Kubernetes runs on Windows Server only | use a host with Windows Server 2022 or 2025",
                "arch ARM64 | has the architecture ARM64 | use a host of x86-64: Kubernetes has no other for Windows",
                "administrator no | lets swdt log in as a user who is no administrator | log in as a member of Administrators (ssh.user)",
                "tool none | lacks tar.exe in System32 | it is part of Windows Server: repair it (sfc /scannow)",
                "no-features yes | has no Get-WindowsFeature, by which features are installed | use Windows Server",
                "disk C: 1048576 | has 1024 MiB of free disk on C:; it needs 5120 | make room",
                "port 10250 | something listens on port [10250], which Kubernetes needs | find it with: netstat -abno",
                "machine-id id2 | has the same machine-id as w1 (id2) | one was cloned from the other: give one of the machines another hardware UUID",
            })
    void that_cannot_be_a_worker_is_refused(String fact, String what, String next) {
        hosts.put("win1", Samples.windowsFacts(3, fact));

        assertThat(refusals()).containsExactly("win1 " + what + " -> " + next);
    }

    @Test
    void with_a_chocolatey_of_its_own_keeps_it() {
        Cluster packages = Samples.withWindows("  windows: {packages: {chocolatey: [git]}}\n");
        for (String version : List.of("1.4.0", "elsewhere", "unknown")) {
            hosts.put("win1", Samples.windowsFacts(3, "chocolatey " + version));

            assertThat(Fitness.refusals(packages, hosts))
                    .singleElement()
                    .asString()
                    .contains("Chocolatey", "leave windows.packages.chocolatey out");
        }
        hosts.put("win1", Samples.windowsFacts(3, "chocolatey 2.4.1"));
        assertThat(Fitness.refusals(packages, hosts)).isEmpty();
        hosts.put("win1", Samples.windowsFacts(3, "chocolatey 1.4.0"));
        assertThat(refusals()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"20348.2699, 1", "20348.2762, 0", "26100.6898, 1", "26100.6899, 0", "20348.x, 0"})
    void with_a_known_fault_is_warned_of(String kernel, int warnings) {
        String build = kernel.substring(0, 5);
        hosts.put(
                "win1",
                Samples.windowsFacts(
                        3, "kernel " + kernel, "os Windows windows " + build + " Server"));

        assertThat(Fitness.warnings(CLUSTER, hosts).get("win1")).hasSize(warnings);
    }

    @Test
    void without_a_page_file_or_under_a_group_policys_firewall_is_warned_of() {
        hosts.put(
                "win1",
                Samples.windowsFacts(
                        3,
                        "no-page-file yes",
                        "firewall Domain True False",
                        "firewall Private True NotConfigured",
                        "firewall Public False False"));

        assertThat(Fitness.warnings(CLUSTER, hosts).get("win1"))
                .containsExactly(
                        "has no page file, without which processes end as soon as memory is short: let Windows manage one",
                        "a group policy lets no local rule into its firewall (Domain): have the policy let in TCP 10250, 10256, 30000-32767 and UDP 4789");
    }

    @Test
    void of_a_domain_is_not_renamed_and_names_that_will_differ_may_be_the_same() {
        Cluster renaming = Samples.withWindows("  windows: {rename: true}\n");
        hosts.put("win1", Samples.windowsFacts(3, "hostname host2"));
        assertThat(Fitness.refusals(renaming, hosts)).isEmpty();

        hosts.put("win1", Samples.windowsFacts(3, "domain example.org"));
        assertThat(Fitness.refusals(renaming, hosts))
                .containsExactly(
                        new Fitness.Refusal(
                                "win1",
                                "is a member of the domain example.org, where its name is changed with a login of that domain only",
                                "rename it by hand, or leave windows.rename out"));
    }

    @Test
    void whose_defender_is_managed_elsewhere_gets_no_exclusion_and_says_so() {
        Facts managed = Samples.windowsFacts(3, "defender-managed yes");
        hosts.put("win1", managed);

        assertThat(Fitness.warnings(CLUSTER, hosts).get("win1"))
                .singleElement()
                .asString()
                .contains("tamper protection", "containerd.exe excluded there");
        assertThat(
                        new WindowsNode("")
                                .steps(
                                        new Context(
                                                CLUSTER,
                                                CLUSTER.nodes().getLast(),
                                                managed,
                                                Samples.artifacts())))
                .noneMatch(s -> s.change().key().startsWith("defender"));
    }

    @Test
    void whose_ssh_server_starts_by_hand_is_refused_unless_there_is_another_way() {
        hosts.put("win1", Samples.windowsFacts(3, "sshd Manual"));

        assertThat(refusals())
                .containsExactly(
                        "win1 starts its SSH server by hand only, and would stay away after its restart"
                                + " -> Set-Service -Name sshd -StartupType Automatic");
    }

    @Test
    void does_not_come_into_a_pod_network_that_was_made_for_linux_only() {
        hosts.put("cp1", Samples.facts(1, "owner c1 uid 0.1.0 0", "link flannel.1 x"));

        assertThat(refusals())
                .containsExactly(
                        "cp1 is in a pod network for Linux nodes only (VXLAN with VNI 1; Windows takes 4096 and above)"
                                + " -> destroy the cluster and create it anew:"
                                + " swdt never alters a running network");
    }
}
