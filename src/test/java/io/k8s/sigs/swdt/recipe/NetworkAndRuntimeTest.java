package io.k8s.sigs.swdt.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.plan.Change;
import io.k8s.sigs.swdt.value.Yaml;
import org.junit.jupiter.api.Test;

/** flannel's manifest and containerd's configuration. */
class NetworkAndRuntimeTest {

    private static String manifest(Cluster cluster) {
        return ((Change.Manifest) Flannel.manifest(cluster, Samples.FLANNEL)).yaml();
    }

    @Test
    void flannel_gets_the_pod_subnet_and_the_node_address() {
        Cluster cluster = Samples.cluster("  network: {podSubnet: 10.200.0.0/16}\n");

        assertThat(manifest(cluster))
                .isEqualTo(
                        """
                        ---
                        kind: Namespace
                        metadata:
                          name: kube-flannel
                        ---
                        kind: ConfigMap
                        data:
                          cni-conf.json: "{}"
                          net-conf.json: "{\\"Network\\":\\"10.200.0.0/16\\",\\"EnableNFTables\\":false,\\"Backend\\":{\\"Type\\":\\"vxlan\\"}}\\n"
                        ---
                        kind: DaemonSet
                        spec:
                          template:
                            spec:
                              containers:
                                - name: kube-flannel
                                  args:
                                    - "--ip-masq"
                                    - "--kube-subnet-mgr"
                                    - "--iface=$(SWDT_NODE_ADDRESS)"
                                  env:
                                    - name: POD_NAME
                                      value: x
                                    - name: SWDT_NODE_ADDRESS
                                      valueFrom:
                                        fieldRef:
                                          fieldPath: status.hostIP
                        """);
    }

    @Test
    void flannel_speaks_what_windows_can_as_soon_as_there_is_such_a_node() {
        Cluster mixed =
                Samples.cluster(
                        "    - {name: win1, role: worker, os: windows, address: 10.0.0.9, ssh: {user: Administrator}}\n");

        assertThat(manifest(mixed))
                .contains(
                        "\\\"Backend\\\":{\\\"Type\\\":\\\"vxlan\\\",\\\"VNI\\\":4096,\\\"Port\\\":4789}");
    }

    @Test
    void a_manifest_without_a_network_is_refused() {
        assertThatThrownBy(() -> Flannel.manifest(Samples.cluster(""), "kind: Namespace\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("flannel's manifest has no ConfigMap with net-conf.json");
    }

    @Test
    void containerd_has_the_pause_image_systemd_cgroups_and_the_files_own_settings() {
        Cluster cluster =
                Samples.cluster(
                        "  runtime: {config: {debug: {level: debug}, plugins: {io.containerd.cri.v1.images: {snapshotter: native}}}}\n");

        assertThat(
                        new ContainerdRuntime("registry.example/pause:1")
                                .changes(Samples.context(cluster, 0)))
                .first()
                .isEqualTo(
                        new Change.TextFile(
                                "/etc/containerd/config.toml",
                                "0644",
                                """
                                # made by swdt
                                version = 3

                                [plugins."io.containerd.cri.v1.images"]
                                snapshotter = "native"

                                [plugins."io.containerd.cri.v1.images".registry]
                                config_path = "/etc/containerd/certs.d"

                                [plugins."io.containerd.cri.v1.images".pinned_images]
                                sandbox = "registry.example/pause:1"

                                [plugins."io.containerd.cri.v1.runtime".cni]
                                bin_dirs = ["/opt/cni/bin"]
                                conf_dir = "/etc/cni/net.d"

                                [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
                                runtime_type = "io.containerd.runc.v2"

                                [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
                                SystemdCgroup = true

                                [debug]
                                level = "debug"
                                """));
    }

    @Test
    void toml_quotes_what_would_mean_something_else() {
        assertThat(
                        Toml.write(
                                Yaml.map(
                                        "a b: \"x\\\"y\\\\z\\n\"\nlist: [1, true, 'x']\ninline: [{k: v}]\n")))
                .isEqualTo(
                        """
                        "a b" = "x\\"y\\\\z\\n"
                        list = [1, true, "x"]
                        inline = [{ k = "v" }]
                        """);
    }
}
