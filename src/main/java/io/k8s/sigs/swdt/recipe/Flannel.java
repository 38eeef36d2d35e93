package io.k8s.sigs.swdt.recipe;

import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.plan.Change;
import io.k8s.sigs.swdt.value.Json;
import io.k8s.sigs.swdt.value.Ordered;
import io.k8s.sigs.swdt.value.Yaml;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * flannel's manifest with the cluster's pod subnet. As soon as the file has a Windows node, VXLAN
 * is on network 4096 and port 4789, the only ones that Windows can (flannel
 * Documentation/backends.md).
 */
public final class Flannel {

    private Flannel() {}

    /**
     * Switches checksum offload of flannel's link off: with it TCP between Linux and Windows nodes
     * hangs on many virtual network cards (flannel Documentation/troubleshooting.md, rancher#33399,
     * flannel#1279). By systemd.link(5), so that it holds each time flannel makes the link.
     */
    static Change link() {
        return new Change.TextFile(
                "/etc/systemd/network/10-swdt-flannel.link",
                "0644",
                """
                [Match]
                OriginalName=flannel.4096

                [Link]
                TransmitChecksumOffload=no
                """);
    }

    /** How pods' packets get to other hosts: the same on all of them. */
    static Map<String, Object> backend(Cluster cluster) {
        Map<String, Object> backend = new LinkedHashMap<>();
        backend.put("Type", cluster.network().hostGateway() ? "host-gw" : "vxlan");
        if (cluster.hasWindows() && !cluster.network().hostGateway()) {
            backend.put("VNI", 4096);
            backend.put("Port", 4789);
        }
        return backend;
    }

    /**
     * Lets the accounts of flanneld and kube-proxy make tokens for themselves, and for nobody else:
     * on Windows hosts they run outside pods, where nothing renews their tokens.
     */
    static Change accounts() {
        StringBuilder text = new StringBuilder();
        for (List<String> account :
                List.of(List.of("kube-flannel", "flannel"), List.of("kube-system", "kube-proxy"))) {
            String namespace = account.getFirst();
            String name = account.getLast();
            Map<String, Object> metadata =
                    Ordered.map("name", "swdt-own-token-of-" + name, "namespace", namespace);
            String group = "rbac.authorization.k8s.io";
            Map<String, Object> role =
                    Ordered.map("apiVersion", group + "/v1", "kind", "Role", "metadata", metadata);
            Map<String, Object> rule =
                    Ordered.map(
                            "apiGroups", List.of(""),
                            "resources", List.of("serviceaccounts/token"),
                            "resourceNames", List.of(name));
            rule.put("verbs", List.of("create"));
            role.put("rules", List.of(rule));
            Map<String, Object> binding =
                    Ordered.map(
                            "apiVersion",
                            group + "/v1",
                            "kind",
                            "RoleBinding",
                            "metadata",
                            metadata);
            binding.put(
                    "roleRef",
                    Ordered.map(
                            "apiGroup",
                            group,
                            "kind",
                            "Role",
                            "name",
                            String.valueOf(metadata.get("name"))));
            binding.put(
                    "subjects",
                    List.of(
                            Ordered.map(
                                    "kind", "ServiceAccount",
                                    "name", name,
                                    "namespace", namespace)));
            text.append("---\n").append(Yaml.write(role));
            text.append("---\n").append(Yaml.write(binding));
        }
        return new Change.Manifest("windows-network", text.toString());
    }

    /**
     * @param manifest the publisher's kube-flannel.yml
     * @throws IllegalArgumentException if it lacks what has to be set
     */
    public static Change manifest(Cluster cluster, String manifest) {
        Map<String, Object> net = new LinkedHashMap<>();
        net.put("Network", cluster.network().podSubnet().toString());
        net.put("EnableNFTables", false);
        net.put("Backend", backend(cluster));
        boolean found = false;
        StringBuilder out = new StringBuilder();
        for (Object document : Yaml.parseAll(manifest)) {
            if (!(document instanceof Map<?, ?> object)) {
                continue;
            }
            Map<String, Object> copy = Yaml.map(object);
            if ("ConfigMap".equals(copy.get("kind"))
                    && copy.get("data") instanceof Map<?, ?> data
                    && data.containsKey("net-conf.json")) {
                Map<String, Object> changed = Yaml.map(data);
                changed.put("net-conf.json", Json.write(net) + "\n");
                copy.put("data", changed);
                found = true;
            }
            if ("DaemonSet".equals(copy.get("kind"))) {
                copy = onNodeAddress(copy);
            }
            out.append("---\n").append(Yaml.write(copy));
        }
        if (!found) {
            throw new IllegalArgumentException(
                    "flannel's manifest has no ConfigMap with net-conf.json");
        }
        return new Change.Manifest("flannel", out.toString());
    }

    // Without --iface flannel takes the default route's interface, the wrong one on hosts whose
    // node address is on another.
    private static Map<String, Object> onNodeAddress(Map<String, Object> daemonSet) {
        Map<String, Object> spec = child(daemonSet, "spec");
        Map<String, Object> template = child(spec, "template");
        Map<String, Object> pod = child(template, "spec");
        List<Object> containers = new ArrayList<>();
        for (Object item : pod.get("containers") instanceof List<?> list ? list : List.of()) {
            Map<String, Object> container = Yaml.map((Map<?, ?>) item);
            List<Object> arguments = items(container, "args");
            arguments.add("--iface=$(SWDT_NODE_ADDRESS)");
            container.put("args", arguments);
            List<Object> environment = items(container, "env");
            environment.add(
                    Ordered.map(
                            "name",
                            "SWDT_NODE_ADDRESS",
                            "valueFrom",
                            Ordered.map("fieldRef", Ordered.map("fieldPath", "status.hostIP"))));
            container.put("env", environment);
            containers.add(container);
        }
        pod.put("containers", containers);
        template.put("spec", pod);
        spec.put("template", template);
        daemonSet.put("spec", spec);
        return daemonSet;
    }

    private static Map<String, Object> child(Map<String, Object> map, String key) {
        return map.get(key) instanceof Map<?, ?> child ? Yaml.map(child) : new LinkedHashMap<>();
    }

    private static List<Object> items(Map<String, Object> map, String key) {
        return map.get(key) instanceof List<?> list ? new ArrayList<>(list) : new ArrayList<>();
    }
}
