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

class FitnessTest {

    private static final Cluster CLUSTER = Samples.cluster("");

    private final Map<String, Facts> hosts = new LinkedHashMap<>();

    FitnessTest() {
        for (int i = 0; i < 3; i++) {
            hosts.put(CLUSTER.nodes().get(i).name(), Samples.facts(i + 1));
        }
    }

    private List<String> refusals(Cluster cluster) {
        return Fitness.refusals(cluster, hosts).stream()
                .map(r -> r.host() + " " + r.what() + " -> " + r.next())
                .toList();
    }

    private List<String> refusals() {
        return refusals(CLUSTER);
    }

    @Test
    void healthy_hosts_are_fit() {
        assertThat(refusals()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "os Windows_NT - 10 Windows | is not a Linux host (Windows) | set os: windows, or another address",
                "init init | runs init as its first process, not systemd | use a distribution with systemd",
                "arch s390x | has the architecture s390x | use a host of x86_64 or aarch64",
                "cpus 1 | has 1 CPU; a control plane needs 2 | give it more, or add NumCPU to kubernetes.ignorePreflightErrors",
                "memory 1048576 | has 1024 MiB of memory; it needs 1700 | give it more, or add Mem to kubernetes.ignorePreflightErrors",
                "disk /var 2097152 | has 2048 MiB of free disk below /var; it needs 5120 | make room",
                "address eth0 192.168.1.5/24 | has no interface with the address 10.0.0.1 (it has [192.168.1.5]) | correct the node's address; for another address to log in to, use ssh.host",
                "cgroup v1 | has cgroup v1, which Kubernetes 1.36 refuses (KEP-5573) | boot it with cgroup v2, or accept v1: kubernetes.kubeletConfiguration: {failCgroupV1: false} and ignorePreflightErrors: [SystemVerification]",
                "port 6443 | something listens on port [6443], which Kubernetes needs | find it with: ss -ltnp",
                "foreign /usr/bin/containerd | has traces of a Kubernetes, container runtime or pod network that swdt did not make: /usr/bin/containerd | remove them, or use another host: swdt changes nothing that it cannot put back",
                "route 10.244.7.0/24 eth1 | network.podSubnet 10.244.0.0/16 overlaps with its route to 10.244.7.0/24 by eth1 | choose another network.podSubnet",
                "route 10.96.0.10 eth1 | network.serviceSubnet 10.96.0.0/12 overlaps with its route to 10.96.0.10/32 by eth1 | choose another network.serviceSubnet",
            })
    void a_host_that_cannot_be_a_control_plane_is_refused(String fact, String what, String next) {
        hosts.put("cp1", Samples.facts(1, fact));

        assertThat(refusals()).containsExactly("cp1 " + what + " -> " + next);
    }

    @Test
    void what_kubeadm_demands_must_be_there_or_to_be_had() {
        hosts.put("w1", Samples.facts(2, "tool tar", "installable iproute2", "installable mount"));

        assertThat(refusals())
                .containsExactly(
                        "w1 lacks sysctl, systemctl, flock, awk, sha256sum, iptables, nsenter, modprobe, openssl,"
                                + " and no package repository in reach has it -> install it, or make a repository"
                                + " reachable: swdt then installs it and takes it away again on destroy");
    }

    @Test
    void a_clock_that_differs_from_most_is_refused() {
        hosts.put("w2", new Facts(Samples.facts(3).records(), -61));
        hosts.put("w1", new Facts(Samples.facts(2).records(), 3));

        assertThat(refusals())
                .containsExactly(
                        "w2 its clock is 61 s behind the other hosts'"
                                + " -> set the clock, best by a time service such as chrony");
    }

    @Test
    void a_controller_whose_own_clock_is_wrong_does_not_matter() {
        hosts.replaceAll((_, f) -> new Facts(f.records(), 7200));

        assertThat(refusals()).isEmpty();
    }

    @Test
    void hosts_that_are_clones_are_refused() {
        hosts.put(
                "w2",
                Samples.facts(
                        3, "machine-id id2", "link eth0 02:00:00:00:00:01", "hostname host1"));

        assertThat(refusals())
                .containsExactly(
                        "w2 has the same machine-id as w1 (id2) -> one was cloned from the other; on one of them:"
                                + " rm /etc/machine-id && systemd-machine-id-setup, then reboot",
                        "w2 has the same MAC address as cp1 (02:00:00:00:00:01) -> give one of the machines another MAC address",
                        "w2 has the same hostname as cp1 (host1) -> give one of them another name: hostnamectl set-hostname NAME");
    }

    @Test
    void all_reasons_come_at_once() {
        hosts.put("cp1", Samples.facts(1, "cpus 1", "cgroup v1"));
        hosts.put("w2", Samples.facts(3, "memory 1000", "port 10250"));

        assertThat(refusals()).hasSize(4);
    }

    @Test
    void what_the_file_accepts_is_no_reason() {
        hosts.put("cp1", Samples.facts(1, "cpus 1", "memory 1000", "cgroup v1"));
        Cluster tolerant =
                Samples.cluster(
                        """
                          kubernetes:
                            ignorePreflightErrors: [NumCPU, mem, SystemVerification]
                            kubeletConfiguration: {failCgroupV1: false}
                        """);

        assertThat(refusals(tolerant)).isEmpty();
    }

    @Test
    void a_host_of_this_cluster_is_not_taken_for_a_foreign_one() {
        hosts.put(
                "cp1",
                Samples.facts(
                        1,
                        "owner c1 uid 0.1.0 0",
                        "foreign /usr/local/bin/kubelet",
                        "port 6443",
                        "route 10.244.0.0/24 cni0",
                        "route 10.244.1.0/24 flannel.1"));

        assertThat(refusals()).isEmpty();
    }

    @Test
    void a_proxy_that_would_take_what_nodes_say_to_each_other_is_no_way() {
        hosts.put("w1", Samples.facts(2, "proxy HTTPS_PROXY", "no-proxy 10.0.0.0/24,localhost"));

        assertThat(refusals())
                .containsExactly(
                        "w1 its environment sends what Kubernetes says to cp1, 10.96.0.1 to a proxy (HTTPS_PROXY)"
                                + " -> add them to NO_PROXY there, best the networks of hosts, pods and services: 10.244.0.0/16,10.96.0.0/12");
        hosts.put("w1", Samples.facts(2, "proxy HTTPS_PROXY", "no-proxy .0.0.1,10.0.0.0/8,cp1"));
        assertThat(refusals()).isEmpty();
        hosts.put("w1", Samples.facts(2, "no-proxy x"));
        assertThat(refusals()).isEmpty();
    }

    @Test
    void host_gw_needs_all_hosts_in_one_segment() {
        Cluster routed = Samples.cluster("  network: {backend: host-gw}\n");
        assertThat(refusals(routed)).isEmpty();

        hosts.put("w2", Samples.facts(3, "address eth0 10.0.0.3/31"));

        assertThat(refusals(routed))
                .containsExactly(
                        "w2 is in 10.0.0.2/31, outside of which other nodes are: [10.0.0.1]"
                                + " -> network.backend: vxlan works between networks, host-gw does not");
    }

    @Test
    void a_running_network_is_never_altered() {
        Cluster routed = Samples.cluster("  network: {backend: host-gw}\n");
        String next =
                " -> destroy the cluster and create it anew: swdt never alters a running network";
        hosts.put(
                "cp1",
                Samples.facts(
                        1,
                        "owner c1 uid 0.1.0 0",
                        "backend vxlan",
                        "pod-subnet 10.200.0.0/16",
                        "service-subnet 10.112.0.0/12"));
        assertThat(refusals(routed))
                .containsExactly(
                        "cp1 is in a cluster with network.backend vxlan, and the file wants host-gw"
                                + next,
                        "cp1 is in a cluster with network.podSubnet 10.200.0.0/16, and the file wants 10.244.0.0/16"
                                + next,
                        "cp1 is in a cluster with network.serviceSubnet 10.112.0.0/12, and the file wants 10.96.0.0/12"
                                + next);

        hosts.put("cp1", Samples.facts(1, "owner c1 uid 0.1.0 0", "backend host-gw"));
        assertThat(refusals())
                .containsExactly(
                        "cp1 is in a cluster with network.backend host-gw, and the file wants vxlan"
                                + next);
        assertThat(refusals(routed)).isEmpty();
    }

    @Test
    void routes_of_host_gw_to_pods_are_no_overlap_and_those_of_hosts_are() {
        Cluster routed = Samples.cluster("  network: {backend: host-gw}\n");
        hosts.put("w1", Samples.facts(2, "owner c1 uid 0.1.0 0", "route 10.244.0.0/24 eth0"));
        assertThat(refusals(routed)).isEmpty();
        assertThat(refusals())
                .containsExactly(
                        "w1 network.podSubnet 10.244.0.0/16 overlaps with its route to 10.244.0.0/24 by eth0"
                                + " -> choose another network.podSubnet");

        hosts.put("w1", Samples.facts(2, "owner c1 uid 0.1.0 0", "route 10.0.0.0/8 eth0"));
        assertThat(refusals(routed)).isNotEmpty();
    }

    @Test
    void a_control_plane_that_somebody_reset_is_refused() {
        hosts.put("cp1", initialised("complete", "owner c1 uid 0.1.0 0"));
        assertThat(refusals())
                .containsExactly(
                        "cp1 was a control plane, and somebody has reset it: its cluster is gone"
                                + " -> swdt cluster destroy gives all hosts back; then create the cluster anew");
        hosts.put("cp1", initialised("begun", "owner c1 uid 0.1.0 0"));
        assertThat(refusals()).isEmpty();
        hosts.put("cp1", initialised("complete", "owner c1 uid 0.1.0 0", "ca-hash sha256:1"));
        assertThat(refusals()).isEmpty();
    }

    private static Facts initialised(String state, String... facts) {
        Facts host = Samples.facts(1, facts);
        Map<String, List<List<String>>> records = new LinkedHashMap<>(host.records());
        records.put("entry", List.of(List.of("kubeadm init", state)));
        return new Facts(records, 0);
    }
}
