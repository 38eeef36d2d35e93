package io.k8s.sigs.swdt.recipe;

import io.k8s.sigs.swdt.artifact.Artifact;
import io.k8s.sigs.swdt.artifact.ArtifactSet;
import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.config.ClusterFile;
import io.k8s.sigs.swdt.config.ConfigException;
import io.k8s.sigs.swdt.host.Facts;
import io.k8s.sigs.swdt.value.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A cluster file, facts of healthy hosts, and artifacts, for tests of recipes. */
final class Samples {

    private Samples() {}

    /**
     * One control plane and two workers.
     *
     * @param spec further lines of the spec, indented by two blanks
     */
    static Cluster cluster(String spec) {
        return parsed(
                """
                apiVersion: swdt.sigs.k8s.io/v1alpha1
                kind: Cluster
                metadata: {name: c1}
                spec:
                  nodes:
                    - {name: cp1, role: control-plane, address: 10.0.0.1}
                    - {name: w1, role: worker, address: 10.0.0.2, labels: {b: '2', a: '1'}, taints: ['gpu=yes:NoSchedule']}
                    - {name: w2, role: worker, address: 10.0.0.3}
                """
                        + spec);
    }

    static Cluster parsed(String text) {
        try {
            Path file = Files.createTempFile("cluster", ".yaml");
            try {
                Files.writeString(file, text);
                return ClusterFile.load(file, Map.of());
            } catch (ConfigException e) {
                throw new IllegalArgumentException(e.getMessage(), e);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One control plane, one worker with Linux and one with Windows. */
    static Cluster withWindows(String spec) {
        return parsed(
                """
                apiVersion: swdt.sigs.k8s.io/v1alpha1
                kind: Cluster
                metadata: {name: c1}
                spec:
                  nodes:
                    - {name: cp1, role: control-plane, address: 10.0.0.1}
                    - {name: w1, role: worker, address: 10.0.0.2}
                    - {name: win1, role: worker, os: windows, address: 10.0.0.3, labels: {b: '2', a: '1'}, taints: ['os=windows:NoSchedule', 'x:NoExecute']}
                """
                        + spec);
    }

    /** A healthy Windows Server 2022; otherwise as {@link #facts}. */
    static Facts windowsFacts(int number, String... more) {
        List<String> lines =
                new ArrayList<>(
                        List.of(
                                "os Windows windows 20348 Windows-Server-2022",
                                "arch AMD64",
                                "installation Server",
                                "administrator yes",
                                "hostname host" + number,
                                "machine-id id" + number,
                                "cpus 2",
                                "memory 4000000",
                                "disk C: 90000000",
                                "link Ethernet 02:00:00:00:00:0" + number,
                                "address Ethernet 10.0.0." + number + "/24",
                                "route 10.0.0.0/24 Ethernet",
                                "tool tar.exe",
                                "port 22"));
        return facts(lines, more);
    }

    /**
     * A healthy Debian host.
     *
     * @param number the last part of its address, and what sets it apart from others
     * @param more facts, each {@code name value...}, in place of those of the same name
     */
    static Facts facts(int number, String... more) {
        List<String> lines =
                new ArrayList<>(
                        List.of(
                                "os Linux debian 12 Debian",
                                "arch x86_64",
                                "init systemd",
                                "hostname host" + number,
                                "machine-id id" + number,
                                "cpus 2",
                                "memory 4000000",
                                "cgroup v2",
                                "disk /var 90000000",
                                "packages apt-get",
                                "link eth0 02:00:00:00:00:0" + number,
                                "address eth0 10.0.0." + number + "/24",
                                "route 10.0.0.0/24 eth0",
                                "port 22"));
        for (String tool :
                List.of(
                        "ip",
                        "iptables",
                        "mount",
                        "nsenter",
                        "conntrack",
                        "tar",
                        "modprobe",
                        "sysctl",
                        "systemctl",
                        "flock",
                        "openssl",
                        "awk",
                        "sha256sum")) {
            lines.add("tool " + tool);
        }
        return facts(lines, more);
    }

    private static Facts facts(List<String> lines, String... more) {
        Map<String, List<List<String>>> records = new LinkedHashMap<>();
        for (String line : more) {
            String name = line.replaceFirst(" .*", "");
            lines.removeIf(l -> l.startsWith(name + " "));
        }
        lines.addAll(List.of(more));
        for (String line : lines) {
            List<String> words = List.of(line.split(" ", -1));
            records.computeIfAbsent(words.getFirst(), _ -> new ArrayList<>())
                    .add(words.subList(1, words.size()));
        }
        return new Facts(records, 0);
    }

    static ArtifactSet artifacts() {
        Map<String, Artifact> files = new LinkedHashMap<>();
        for (String name :
                List.of(
                        "kubelet",
                        "kubeadm",
                        "kubectl",
                        "containerd",
                        "runc",
                        "crictl",
                        "cni-plugins")) {
            files.put(name + " linux/amd64", artifact(name));
        }
        for (String name :
                List.of(
                        "kubelet.exe",
                        "kubeadm.exe",
                        "kubectl.exe",
                        "kube-proxy.exe",
                        "kube-log-runner.exe",
                        "containerd-windows",
                        "crictl-windows",
                        "cni-plugins-windows",
                        "flanneld.exe",
                        "flannel.exe",
                        "chocolatey")) {
            files.put(name + " windows/amd64", artifact(name));
        }
        Map<String, Artifact> images = new LinkedHashMap<>();
        for (String image :
                List.of(
                        "registry.k8s.io/pause:3.10.2",
                        "registry.k8s.io/etcd:3.6.8-0",
                        "registry.k8s.io/kube-apiserver:v1.36.4",
                        "registry.k8s.io/kube-controller-manager:v1.36.4",
                        "registry.k8s.io/kube-scheduler:v1.36.4",
                        "registry.k8s.io/kube-proxy:v1.36.4",
                        "registry.k8s.io/coredns/coredns:v1.14.2",
                        "ghcr.io/flannel-io/flannel:v0.28.9",
                        "ghcr.io/flannel-io/flannel-cni-plugin:v1.9.1-flannel3",
                        "registry.k8s.io/e2e-test-images/agnhost:2.63.0")) {
            images.put(image + " linux/amd64", artifact(image));
        }
        return new ArtifactSet(files, images);
    }

    private static Artifact artifact(String name) {
        return new Artifact(
                name, "1.0", "linux/amd64", "https://example.org/" + name, Sha256.of(name));
    }

    /** A small manifest with what flannel's has. */
    static final String FLANNEL =
            """
            kind: Namespace
            metadata: {name: kube-flannel}
            ---
            kind: ConfigMap
            data:
              cni-conf.json: '{}'
              net-conf.json: '{"Network": "10.244.0.0/16"}'
            ---
            kind: DaemonSet
            spec:
              template:
                spec:
                  containers:
                    - name: kube-flannel
                      args: [--ip-masq, --kube-subnet-mgr]
                      env: [{name: POD_NAME, value: x}]
            """;

    static Context context(Cluster cluster, int node, String... facts) {
        return new Context(cluster, cluster.nodes().get(node), facts(node + 1, facts), artifacts());
    }
}
