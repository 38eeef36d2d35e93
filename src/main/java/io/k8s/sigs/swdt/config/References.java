package io.k8s.sigs.swdt.config;

import io.k8s.sigs.swdt.value.Cidr;
import io.k8s.sigs.swdt.value.Ipv4;
import io.k8s.sigs.swdt.value.Version;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What one key alone cannot show: how values fit together, and limits that no pattern expresses.
 * Looks only at values that passed the checks on their own; what is missing is passed over.
 */
final class References {

    /** NetBIOS names are 15 characters, and Windows cuts a longer computer name down to it. */
    private static final int WINDOWS_NAME_LENGTH = 15;

    private final BiConsumer<String, String> wrong;

    /**
     * @param wrong gets the path and the message of each mistake
     */
    private References(BiConsumer<String, String> wrong) {
        this.wrong = wrong;
    }

    /** Tells every mistake by path and message. */
    static void check(Map<String, @Nullable Object> tree, BiConsumer<String, String> wrong) {
        Map<String, @Nullable Object> spec = Tree.map(tree, "spec");
        References references = new References(wrong);
        references.version(Tree.textOrNull(Tree.map(spec, "kubernetes"), "version"));
        List<Map<String, @Nullable Object>> nodes = Tree.maps(spec, "nodes");
        references.subnets(Tree.map(spec, "network"), nodes);
        references.sizes(spec, nodes.size());
        references.unique(nodes, "name");
        references.unique(nodes, "address");
        references.controlPlane(nodes);
        references.windows(nodes, Boolean.TRUE.equals(Tree.map(spec, "windows").get("rename")));
    }

    private void version(@Nullable String text) {
        if (text != null && !Version.parse(text).atLeast(1, 35)) {
            wrong.accept(
                    "spec.kubernetes.version",
                    "Kubernetes "
                            + text
                            + " is older than 1.35: swdt supports only the way of kubeadm's v1beta4"
                            + " configuration as of 1.35");
        }
    }

    private void subnets(
            Map<String, @Nullable Object> network, List<Map<String, @Nullable Object>> nodes) {
        Cidr pods = subnet(network, "podSubnet", Defaults.POD_SUBNET);
        Cidr services = subnet(network, "serviceSubnet", Defaults.SERVICE_SUBNET);
        Map<String, Cidr> subnets = new java.util.LinkedHashMap<>();
        subnets.put("podSubnet", pods);
        subnets.put("serviceSubnet", services);
        if (pods.overlaps(services)) {
            wrong.accept(
                    "spec.network."
                            + (network.containsKey("podSubnet") ? "podSubnet" : "serviceSubnet"),
                    "podSubnet " + pods + " and serviceSubnet " + services + " overlap");
        }
        for (int i = 0; i < nodes.size(); i++) {
            String address = Tree.textOrNull(nodes.get(i), "address");
            String path = "spec.nodes[" + i + "].address";
            if (address != null) {
                subnets.forEach((name, subnet) -> {
                    if (subnet.contains(Ipv4.parse(address))) {
                        wrong.accept(
                                path, path + " " + address + " lies in " + name + " " + subnet);
                    }
                });
            }
        }
    }

    /**
     * The limits of kubeadm and kube-apiserver (kubernetes, cmd/kubeadm/app/constants:
     * MinimumAddressesInServiceSubnet, MaximumBitsForServiceSubnet, PodSubnetNodeMaskMaxDiff): 10
     * to 2^20 addresses of services; a /24 of pods for each node, out of at most 2^16, unless the
     * file gives the controller manager another node-cidr-mask-size.
     */
    private void sizes(Map<String, @Nullable Object> spec, int nodes) {
        Cidr pods = subnet(Tree.map(spec, "network"), "podSubnet", Defaults.POD_SUBNET);
        Cidr services = subnet(Tree.map(spec, "network"), "serviceSubnet", Defaults.SERVICE_SUBNET);
        if (services.prefix() < 12 || services.prefix() > 28) {
            wrong.accept(
                    "spec.network.serviceSubnet",
                    "spec.network.serviceSubnet "
                            + services
                            + " has not the size that Kubernetes takes: /12 to /28");
        }
        Map<String, @Nullable Object> configuration =
                Tree.map(Tree.map(spec, "kubernetes"), "clusterConfiguration");
        if (String.valueOf(configuration.get("controllerManager"))
                .contains("node-cidr-mask-size")) {
            return;
        }
        if (pods.prefix() < 8 || pods.prefix() > 24) {
            wrong.accept(
                    "spec.network.podSubnet",
                    "spec.network.podSubnet "
                            + pods
                            + " has not the size that Kubernetes takes: /8 to /24");
        } else if (nodes > 1 << (24 - pods.prefix())) {
            wrong.accept(
                    "spec.network.podSubnet",
                    "spec.network.podSubnet "
                            + pods
                            + " is too small for "
                            + nodes
                            + " nodes: each takes a /24 of it");
        }
    }

    private static Cidr subnet(Map<String, @Nullable Object> network, String key, String other) {
        String text = Tree.textOrNull(network, key);
        return Cidr.parse(text == null ? other : text);
    }

    private void unique(List<Map<String, @Nullable Object>> nodes, String key) {
        Map<String, Integer> first = new HashMap<>();
        for (int i = 0; i < nodes.size(); i++) {
            String text = Tree.textOrNull(nodes.get(i), key);
            Integer earlier = text == null ? null : first.putIfAbsent(text, i);
            if (earlier != null) {
                wrong.accept(
                        "spec.nodes[" + i + "]." + key,
                        "spec.nodes["
                                + i
                                + "] has the same "
                                + key
                                + " as spec.nodes["
                                + earlier
                                + "]: "
                                + text);
            }
        }
    }

    private void controlPlane(List<Map<String, @Nullable Object>> nodes) {
        int found = 0;
        boolean allKnown = true;
        for (int i = 0; i < nodes.size(); i++) {
            String role = Tree.textOrNull(nodes.get(i), "role");
            allKnown &= role != null;
            if (!"control-plane".equals(role)) {
                continue;
            }
            found++;
            if (found > 1) {
                wrong.accept(
                        "spec.nodes[" + i + "].role",
                        "spec.nodes["
                                + i
                                + "] is one more control plane: one control-plane node is supported");
            }
            if ("windows".equals(Tree.textOrNull(nodes.get(i), "os"))) {
                wrong.accept(
                        "spec.nodes[" + i + "].os",
                        "spec.nodes["
                                + i
                                + "] is the control plane, which runs on linux only: Kubernetes has no"
                                + " control plane for windows");
            }
        }
        if (found == 0 && allKnown && !nodes.isEmpty()) {
            wrong.accept("spec.nodes", "spec.nodes has no node with role: control-plane");
        }
    }

    private void windows(List<Map<String, @Nullable Object>> nodes, boolean rename) {
        for (int i = 0; i < nodes.size(); i++) {
            String name = Tree.textOrNull(nodes.get(i), "name");
            boolean windows = "windows".equals(Tree.textOrNull(nodes.get(i), "os"));
            if (!windows && nodes.get(i).containsKey("connection")) {
                wrong.accept(
                        "spec.nodes[" + i + "].connection",
                        "spec.nodes["
                                + i
                                + "].connection is for Windows only: PowerShell Direct reaches no"
                                + " other system");
            }
            if (windows && name != null && name.length() > WINDOWS_NAME_LENGTH) {
                wrong.accept(
                        "spec.nodes[" + i + "].name",
                        "spec.nodes["
                                + i
                                + "].name has "
                                + name.length()
                                + " characters: the name of a Windows node has at most "
                                + WINDOWS_NAME_LENGTH);
            }
            // Rename-Computer: a name may not be of digits only
            if (windows && rename && name != null && name.matches("[0-9]+")) {
                wrong.accept(
                        "spec.nodes[" + i + "].name",
                        "spec.nodes["
                                + i
                                + "].name is of digits only, which Windows takes for no computer's"
                                + " name (windows.rename)");
            }
        }
    }
}
