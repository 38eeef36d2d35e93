package io.k8s.sigs.swdt.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.plan.Change;
import io.k8s.sigs.swdt.plan.Plan;
import io.k8s.sigs.swdt.plan.Step;
import io.k8s.sigs.swdt.value.Json;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class LinuxNodeTest {

    private static final Cluster CLUSTER = Samples.cluster("");

    private static List<Step> steps(Context context, boolean joins) {
        return new LinuxNode(Samples.FLANNEL).steps(context, joins);
    }

    private static String plan(List<Step> steps) {
        return steps.stream()
                .map(s ->
                        s.change().key()
                                + s.after().stream()
                                        .map(l -> " after " + l.host() + ": " + l.key())
                                        .collect(Collectors.joining()))
                .collect(Collectors.joining("\n"));
    }

    @Test
    void a_control_plane_is_initialised_before_what_only_pods_and_people_need() {
        assertThat(plan(steps(Samples.context(CLUSTER, 0), true)))
                .isEqualTo(
                        """
                        file /etc/modules-load.d/swdt.conf
                        module overlay
                        module br_netfilter
                        module vxlan
                        file /etc/sysctl.d/99-swdt.conf
                        sysctl net.ipv4.ip_forward
                        sysctl net.bridge.bridge-nf-call-iptables
                        sysctl net.bridge.bridge-nf-call-ip6tables
                        block /etc/hosts
                        file /etc/containerd/config.toml
                        file /etc/systemd/system/containerd.service
                        file /etc/crictl.yaml
                        program /usr/local/sbin/runc
                        archive containerd in /usr/local/bin
                        service containerd
                        archive cni-plugins in /opt/cni/bin
                        program /usr/local/bin/kubelet
                        program /usr/local/bin/kubeadm
                        file /etc/systemd/system/kubelet.service
                        service kubelet
                        pod network
                        image registry.k8s.io/pause:3.10.2
                        image registry.k8s.io/kube-proxy:v1.36.4
                        image registry.k8s.io/etcd:3.6.8-0
                        image registry.k8s.io/kube-apiserver:v1.36.4
                        image registry.k8s.io/kube-controller-manager:v1.36.4
                        image registry.k8s.io/kube-scheduler:v1.36.4
                        image registry.k8s.io/coredns/coredns:v1.14.2
                        kubeadm init
                        program /usr/local/bin/kubectl
                        archive crictl in /usr/local/bin
                        join token
                        image ghcr.io/flannel-io/flannel-cni-plugin:v1.9.1-flannel3
                        image ghcr.io/flannel-io/flannel:v0.28.9
                        manifest flannel
                        image registry.k8s.io/e2e-test-images/agnhost:2.63.0\
                        """);
    }

    @Test
    void a_worker_waits_for_nothing_but_the_join_token() {
        List<Step> steps = steps(Samples.context(CLUSTER, 1), true);

        assertThat(plan(steps))
                .endsWith(
                        """
                        pod network
                        image registry.k8s.io/pause:3.10.2
                        image registry.k8s.io/kube-proxy:v1.36.4
                        image ghcr.io/flannel-io/flannel-cni-plugin:v1.9.1-flannel3
                        image ghcr.io/flannel-io/flannel:v0.28.9
                        image registry.k8s.io/coredns/coredns:v1.14.2
                        program /usr/local/bin/kubectl
                        archive crictl in /usr/local/bin
                        kubeadm join after cp1: join token
                        image registry.k8s.io/e2e-test-images/agnhost:2.63.0\
                        """);
        assertThat(Plan.stretches(steps))
                .extracting(s -> s.getFirst().change().key())
                .containsExactly("file /etc/modules-load.d/swdt.conf", "kubeadm join");
    }

    @Test
    void the_token_goes_once_all_who_join_have_joined() {
        assertThat(plan(List.of(LinuxNode.end(CLUSTER.workers()))))
                .isEqualTo("join token deleted after w1: kubeadm join after w2: kubeadm join");
        assertThat(plan(steps(Samples.context(CLUSTER, 0), false))).doesNotContain("join token");
    }

    @Test
    void what_a_host_has_beyond_the_usual_is_dealt_with_first() {
        assertThat(
                        plan(
                                steps(
                                        Samples.context(
                                                CLUSTER,
                                                1,
                                                "swap /dev/sda2",
                                                "cloud-init yes",
                                                "tool ip"),
                                        true)))
                .startsWith(
                        """
                        packages iptables mount util-linux kmod openssl
                        swap off
                        file /etc/modules-load.d/swdt.conf\
                        """)
                .contains("file /etc/cloud/cloud.cfg.d/99-swdt.cfg\nblock /etc/hosts\n");
    }

    @Test
    void recipes_are_pure() {
        assertThat(steps(Samples.context(CLUSTER, 0), true))
                .isEqualTo(steps(Samples.context(CLUSTER, 0), true));
    }

    @Test
    void a_host_knows_its_own_name_and_the_control_planes() {
        Cluster named =
                Samples.cluster("  kubernetes: {controlPlaneEndpoint: 'api.example:6443'}\n");
        assertThat(Stream.of(0, 1).map(i -> hosts(named, i)))
                .containsExactly(
                        "10.0.0.1 cp1 api.example", "10.0.0.1 cp1 api.example\n10.0.0.2 w1");
    }

    private static String hosts(Cluster cluster, int node) {
        return steps(Samples.context(cluster, node), true).stream()
                .map(Step::change)
                .filter(c -> c instanceof Change.FileBlock)
                .map(c -> ((Change.FileBlock) c).text())
                .collect(Collectors.joining());
    }

    @Nested
    class The_kubeadm_configuration {

        @Test
        void of_a_control_plane_has_addresses_names_and_subnets() {
            assertThat(
                            Kubeadm.init(Samples.context(CLUSTER, 0)).documents().stream()
                                    .map(Json::write)
                                    .collect(Collectors.joining("\n")))
                    .isEqualTo(
                            """
                            {"apiVersion":"kubeadm.k8s.io/v1beta4","kind":"InitConfiguration","localAPIEndpoint":{"advertiseAddress":"10.0.0.1","bindPort":6443},"nodeRegistration":{"name":"cp1","criSocket":"unix:///run/containerd/containerd.sock","kubeletExtraArgs":[{"name":"node-ip","value":"10.0.0.1"}]}}
                            {"apiVersion":"kubeadm.k8s.io/v1beta4","kind":"ClusterConfiguration","clusterName":"c1","kubernetesVersion":"v1.36.4","controlPlaneEndpoint":"cp1:6443","networking":{"podSubnet":"10.244.0.0/16","serviceSubnet":"10.96.0.0/12"},"apiServer":{"certSANs":["cp1","10.0.0.1"]}}
                            {"apiVersion":"kubelet.config.k8s.io/v1beta1","kind":"KubeletConfiguration","cgroupDriver":"systemd"}
                            {"apiVersion":"kubeproxy.config.k8s.io/v1alpha1","kind":"KubeProxyConfiguration"}\
                            """);
        }

        @Test
        void of_a_worker_has_labels_and_taints() {
            Change.KubeadmJoin join = Kubeadm.join(Samples.context(CLUSTER, 1));

            assertThat(join.endpoint()).isEqualTo("cp1:6443");
            assertThat(Json.write(join.document()))
                    .isEqualTo(
                            """
                            {"apiVersion":"kubeadm.k8s.io/v1beta4","kind":"JoinConfiguration","nodeRegistration":{"name":"w1","criSocket":"unix:///run/containerd/containerd.sock","kubeletExtraArgs":[{"name":"node-ip","value":"10.0.0.2"},{"name":"node-labels","value":"a=1,b=2"}],"taints":[{"key":"gpu","value":"yes","effect":"NoSchedule"}]}}\
                            """);
        }

        @Test
        void is_merged_with_the_files_patches() {
            Cluster patched =
                    Samples.cluster(
                            """
                              kubernetes:
                                ignorePreflightErrors: [NumCPU]
                                initConfiguration: {nodeRegistration: {kubeletExtraArgs: [{name: v, value: '4'}]}}
                                clusterConfiguration: {apiServer: {extraArgs: [{name: profiling, value: 'false'}]}}
                                kubeletConfiguration: {failCgroupV1: false, cgroupDriver: null}
                                kubeProxyConfiguration: {mode: nftables}
                            """);
            List<String> documents =
                    Kubeadm.init(Samples.context(patched, 0)).documents().stream()
                            .map(Json::write)
                            .toList();

            assertThat(documents.get(0))
                    .contains(
                            "\"kubeletExtraArgs\":[{\"name\":\"node-ip\",\"value\":\"10.0.0.1\"},{\"name\":\"v\",\"value\":\"4\"}]",
                            "\"ignorePreflightErrors\":[\"NumCPU\"]");
            assertThat(documents.get(1))
                    .contains(
                            "\"certSANs\":[\"cp1\",\"10.0.0.1\"],\"extraArgs\":[{\"name\":\"profiling\",\"value\":\"false\"}]");
            assertThat(documents.get(2))
                    .endsWith("\"kind\":\"KubeletConfiguration\",\"failCgroupV1\":false}");
            assertThat(documents.get(3)).endsWith("\"mode\":\"nftables\"}");
        }

        @Test
        void of_a_cluster_of_one_lets_pods_run_on_it() {
            Cluster alone =
                    Samples.parsed(
                            """
                            apiVersion: swdt.sigs.k8s.io/v1alpha1
                            kind: Cluster
                            metadata: {name: c1}
                            spec:
                              nodes:
                                - {name: cp1, role: control-plane, address: 10.0.0.1}
                            """);

            assertThat(Json.write(Kubeadm.init(Samples.context(alone, 0)).documents().getFirst()))
                    .endsWith("\"taints\":[]}}");
        }
    }
}
