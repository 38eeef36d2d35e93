package io.k8s.sigs.swdt.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.host.Facts;
import io.k8s.sigs.swdt.plan.Change;
import io.k8s.sigs.swdt.plan.Step;
import io.k8s.sigs.swdt.plan.WindowsChange;
import io.k8s.sigs.swdt.value.Json;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class WindowsNodeTest {

    private static final Cluster CLUSTER = Samples.withWindows("");

    private static List<Step> steps(Cluster cluster, Facts facts) {
        return new WindowsNode("script")
                .steps(new Context(cluster, cluster.nodes().get(2), facts, Samples.artifacts()));
    }

    private static List<Change> changes(Cluster cluster, Facts facts) {
        return steps(cluster, facts).stream().map(Step::change).toList();
    }

    private static <T> T the(Class<T> kind, String key) {
        return changes(CLUSTER, Samples.windowsFacts(3)).stream()
                .filter(c -> c.key().equals(key))
                .map(kind::cast)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_worker_restarts_early_and_waits_for_nothing_but_the_join_token() {
        assertThat(
                        steps(CLUSTER, Samples.windowsFacts(3)).stream()
                                .map(s ->
                                        s.change().key()
                                                + s.after().stream()
                                                        .map(l ->
                                                                " after " + l.host() + ": "
                                                                        + l.key())
                                                        .collect(Collectors.joining()))
                                .collect(Collectors.joining("\n")))
                .isEqualTo(
                        """
                        feature Containers
                        registry SYSTEM\\CurrentControlSet\\Policies\\Microsoft\\FeatureManagement\\Overrides 1114842764
                        registry SYSTEM\\CurrentControlSet\\Services\\hns\\State EnableCompartmentNamespace
                        restart
                        pod network flannel.4096
                        dynamic ports tcp
                        firewall rule swdt-kubelet
                        firewall rule swdt-kube-proxy
                        firewall rule swdt-vxlan
                        firewall rule swdt-node-ports
                        firewall rule swdt-ping
                        defender exclusion C:\\Program Files\\containerd\\containerd.exe
                        block C:\\Windows\\System32\\drivers\\etc\\hosts
                        archive containerd-windows in C:\\Program Files\\containerd
                        file C:\\Program Files\\containerd\\config.toml
                        service containerd
                        archive cni-plugins-windows in C:\\opt\\cni\\bin
                        program C:\\opt\\cni\\bin\\flannel.exe
                        file C:\\etc\\cni\\net.d\\10-flannel.conflist
                        program C:\\k\\kubelet.exe
                        program C:\\k\\kubeadm.exe
                        program C:\\k\\kubectl.exe
                        program C:\\k\\kube-log-runner.exe
                        program C:\\k\\kube-proxy.exe
                        program C:\\k\\flanneld.exe
                        archive crictl-windows in C:\\k
                        PATH C:\\k
                        PATH C:\\Program Files\\containerd
                        service kubelet
                        kubeadm join after cp1: join token
                        file C:\\etc\\kube-flannel\\net-conf.json
                        file C:\\k\\network.ps1
                        file C:\\k\\network.json
                        kubeconfig of kube-flannel/flannel after cp1: manifest flannel
                        kubeconfig of kube-system/kube-proxy
                        task kubernetes-network\
                        """);
    }

    @Test
    void the_virtual_switch_is_mended_by_build() {
        assertThat(changes(CLUSTER, Samples.windowsFacts(3, "os Windows windows 26100 2025")))
                .contains(
                        new WindowsChange.Registry(
                                "SYSTEM\\CurrentControlSet\\Policies\\Microsoft\\FeatureManagement\\Overrides",
                                "520997518",
                                "DWord",
                                "1",
                                true));
    }

    @Test
    void linux_nodes_beside_it_do_not_offload_checksums_of_the_pod_network() {
        List<String> keys =
                new LinuxNode(Samples.FLANNEL)
                        .steps(Samples.context(CLUSTER, 1), true).stream()
                                .map(s -> s.change().key())
                                .toList();

        assertThat(keys).contains("file /etc/systemd/network/10-swdt-flannel.link");
    }

    @Test
    void a_firewall_whose_service_is_off_gets_no_rules() {
        assertThat(changes(CLUSTER, Samples.windowsFacts(3, "no-firewall yes")))
                .noneMatch(c -> c instanceof WindowsChange.FirewallRule);
    }

    @Test
    void remote_desktop_is_let_in_where_it_is_asked_for() {
        Cluster cluster = Samples.withWindows("  windows: {rdp: true}\n");

        assertThat(changes(cluster, Samples.windowsFacts(3)))
                .contains(
                        new WindowsChange.Registry(
                                "SYSTEM\\CurrentControlSet\\Control\\Terminal Server",
                                "fDenyTSConnections",
                                "DWord",
                                "0",
                                false),
                        new WindowsChange.FirewallRule(
                                "swdt-rdp-tcp", "Kubernetes: Remote Desktop", "TCP", "3389"))
                .filteredOn(c -> c.key().contains("rdp"))
                .hasSize(2);
    }

    @Test
    void containerd_serves_its_pipe_with_the_cluster_files_settings() {
        Cluster cluster =
                Samples.withWindows(
                        "  windows: {containerdConfig: {debug: {level: debug}}, automaticUpdates: false, removeFeatures: true}\n");
        List<Change> changes = changes(cluster, Samples.windowsFacts(3));

        assertThat(changes)
                .contains(new WindowsChange.Feature("Containers", true))
                .anyMatch(c -> c.key().endsWith("WindowsUpdate\\AU NoAutoUpdate"))
                .filteredOn(c -> c.key().equals("file C:\\Program Files\\containerd\\config.toml"))
                .singleElement()
                .isEqualTo(
                        new Change.TextFile(
                                "C:\\Program Files\\containerd\\config.toml",
                                "0644",
                                """
                                # made by swdt
                                version = 3
                                root = "C:\\\\ProgramData\\\\containerd\\\\root"
                                state = "C:\\\\ProgramData\\\\containerd\\\\state"

                                [grpc]
                                address = "\\\\\\\\.\\\\pipe\\\\containerd-containerd"

                                [plugins."io.containerd.cri.v1.runtime".cni]
                                bin_dirs = ["C:/opt/cni/bin"]
                                conf_dir = "C:/etc/cni/net.d"

                                [plugins."io.containerd.cri.v1.images".pinned_images]
                                sandbox = "registry.k8s.io/pause:3.10.2"

                                [debug]
                                level = "debug"
                                """));
    }

    @Test
    void a_firewall_that_is_off_needs_no_rules() {
        assertThat(
                        changes(
                                Samples.withWindows("  windows: {firewall: 'off'}\n"),
                                Samples.windowsFacts(3)))
                .contains(new WindowsChange.FirewallOff())
                .noneMatch(c -> c instanceof WindowsChange.FirewallRule);
    }

    @Test
    void the_kubelets_command_line_says_what_kubeadm_would() {
        assertThat(the(WindowsChange.Service.class, "service kubelet").commandLine())
                .startsWith(
                        "C:\\k\\kube-log-runner.exe --log-file=C:/var/log/kubelet/kubelet.log --log-file-size=50Mi --log-file-age=168h C:\\k\\kubelet.exe --windows-service ")
                .endsWith(
                        " --hostname-override=win1 --node-ip=10.0.0.3 --cgroups-per-qos=false --enforce-node-allocatable= --resolv-conf="
                                + " --node-labels=a=1,b=2 --register-with-taints=os=windows:NoSchedule,x:NoExecute")
                .doesNotContain("pod-infra-container-image", "feature-gates");
    }

    @Test
    void kubeadm_joins_by_containerds_pipe_without_arguments_that_nobody_reads() {
        assertThat(Json.write(the(Change.KubeadmJoin.class, "kubeadm join").document()))
                .contains(
                        "\"nodeRegistration\":{\"name\":\"win1\",\"criSocket\":\"npipe:////./pipe/containerd-containerd\"")
                .doesNotContain("kubeletExtraArgs");
    }

    @Test
    void the_pod_network_is_flannels_overlay() {
        assertThat(
                        the(Change.TextFile.class, "file C:\\etc\\cni\\net.d\\10-flannel.conflist")
                                .text())
                .isEqualTo(
                        "{\"cniVersion\":\"0.3.0\",\"name\":\"flannel.4096\",\"plugins\":[{\"type\":\"flannel\","
                                + "\"capabilities\":{\"portMappings\":true,\"dns\":true},\"delegate\":{\"type\":\"win-overlay\",\"apiVersion\":2,\"policies\":["
                                + "{\"name\":\"EndpointPolicy\",\"value\":{\"Type\":\"OutBoundNAT\",\"Settings\":{\"Exceptions\":[\"10.244.0.0/16\",\"10.96.0.0/12\"]}}},"
                                + "{\"name\":\"EndpointPolicy\",\"value\":{\"Type\":\"SDNRoute\",\"Settings\":{\"DestinationPrefix\":\"10.96.0.0/12\",\"NeedEncap\":true}}},"
                                + "{\"name\":\"EndpointPolicy\",\"value\":{\"Type\":\"ProviderAddress\",\"Settings\":{\"ProviderAddress\":\"10.0.0.3\"}}}]}}]}\n");
    }

    @Test
    void with_host_gw_it_is_a_bridge_that_hosts_route_between() {
        Cluster cluster = Samples.withWindows("  network: {backend: host-gw}\n");
        List<Change> changes = changes(cluster, Samples.windowsFacts(3));

        assertThat(changes)
                .contains(new WindowsChange.PodNetwork("cbr0"))
                .noneMatch(c -> c.key().equals("firewall rule swdt-vxlan"));
        assertThat(text(changes, "file C:\\etc\\cni\\net.d\\10-flannel.conflist"))
                .isEqualTo(
                        "{\"cniVersion\":\"0.3.0\",\"name\":\"cbr0\",\"plugins\":[{\"type\":\"flannel\","
                                + "\"capabilities\":{\"portMappings\":true,\"dns\":true},\"delegate\":{\"type\":\"win-bridge\",\"apiVersion\":2,\"loopbackDSR\":true,\"policies\":["
                                + "{\"name\":\"EndpointPolicy\",\"value\":{\"Type\":\"OutBoundNAT\",\"Settings\":{\"Exceptions\":[\"10.244.0.0/16\",\"10.96.0.0/12\",\"10.0.0.0/24\"]}}},"
                                + "{\"name\":\"EndpointPolicy\",\"value\":{\"Type\":\"SDNRoute\",\"Settings\":{\"DestinationPrefix\":\"10.96.0.0/12\",\"NeedEncap\":true}}},"
                                + "{\"name\":\"EndpointPolicy\",\"value\":{\"Type\":\"SDNRoute\",\"Settings\":{\"DestinationPrefix\":\"10.0.0.3/32\",\"NeedEncap\":true}}}]}}]}\n");
        assertThat(text(changes, "file C:\\etc\\kube-flannel\\net-conf.json"))
                .isEqualTo("{\"Network\":\"10.244.0.0/16\",\"Backend\":{\"Type\":\"host-gw\"}}\n");
        assertThat(text(changes, "file C:\\k\\network.json"))
                .contains("\"network\":\"cbr0\"", "\"--network-name=cbr0\"");
        assertThat(new LinuxNode(Samples.FLANNEL).steps(Samples.context(cluster, 0), true))
                .noneMatch(s -> s.change().key().contains("swdt-flannel.link"))
                .anyMatch(s ->
                        s.change() instanceof Change.Manifest(var name, var manifest)
                                && name.equals("flannel")
                                && manifest.contains("host-gw"));
    }

    private static String text(List<Change> changes, String key) {
        return changes.stream()
                .filter(c -> c.key().equals(key))
                .map(c -> ((Change.TextFile) c).text())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void what_the_file_asks_for_beside_comes_in_its_place() {
        Cluster cluster =
                Samples.withWindows(
                        "  windows: {rename: true, hyperV: true, packages: {chocolatey: [git, 7zip]}}\n");
        List<String> keys =
                changes(cluster, Samples.windowsFacts(3)).stream().map(Change::key).toList();

        assertThat(keys)
                .startsWith("computer name", "feature Containers", "feature Hyper-V")
                .endsWith(
                        "task kubernetes-network",
                        "registry SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment ChocolateyInstall",
                        "PATH C:\\ProgramData\\chocolatey\\bin",
                        "Chocolatey",
                        "Chocolatey package git",
                        "Chocolatey package 7zip");
        assertThat(keys.indexOf("restart")).isGreaterThan(2);
    }

    @Test
    void accounts_of_its_programs_may_make_tokens_for_themselves_only() {
        assertThat(
                        new LinuxNode(Samples.FLANNEL)
                                .steps(Samples.context(CLUSTER, 0), true).stream()
                                        .map(Step::change)
                                        .filter(c -> c.key().equals("manifest windows-network"))
                                        .map(c -> ((Change.Manifest) c).yaml()))
                .singleElement()
                .asString()
                .contains(
                        """
                        kind: Role
                        metadata:
                          name: swdt-own-token-of-flannel
                          namespace: kube-flannel
                        rules:
                          - apiGroups:
                              - ""
                            resources:
                              - serviceaccounts/token
                            resourceNames:
                              - flannel
                            verbs:
                              - create
                        """);
    }

    @Test
    void flanneld_and_kube_proxy_get_their_settings_and_no_feature_gates() {
        assertThat(the(Change.TextFile.class, "file C:\\k\\network.json").text())
                .isEqualTo(
                        "{\"node\":\"win1\",\"network\":\"flannel.4096\",\"flanneld\":[\"--kubeconfig-file=C:/etc/kubernetes/flannel.conf\","
                                + "\"--kube-subnet-mgr\",\"--ip-masq\",\"--iptables-forward-rules=false\",\"--iface=10.0.0.3\","
                                + "\"--net-config-path=C:/etc/kube-flannel/net-conf.json\"],"
                                + "\"kubeProxy\":[\"--kubeconfig=C:/etc/kubernetes/kube-proxy.conf\",\"--hostname-override=win1\","
                                + "\"--proxy-mode=kernelspace\",\"--cluster-cidr=10.244.0.0/16\",\"--network-name=flannel.4096\",\"--enable-dsr=true\"],"
                                + "\"accounts\":[{\"kubeconfig\":\"C:/etc/kubernetes/flannel.conf\",\"namespace\":\"kube-flannel\",\"name\":\"flannel\"},"
                                + "{\"kubeconfig\":\"C:/etc/kubernetes/kube-proxy.conf\",\"namespace\":\"kube-system\",\"name\":\"kube-proxy\"}]}\n");
        assertThat(the(Change.TextFile.class, "file C:\\etc\\kube-flannel\\net-conf.json").text())
                .isEqualTo(
                        "{\"Network\":\"10.244.0.0/16\",\"Backend\":{\"Type\":\"vxlan\",\"VNI\":4096,\"Port\":4789}}\n");
        assertThat(
                        the(
                                        WindowsChange.AccountKubeconfig.class,
                                        "kubeconfig of kube-flannel/flannel")
                                .server())
                .isEqualTo("https://cp1:6443");
    }
}
