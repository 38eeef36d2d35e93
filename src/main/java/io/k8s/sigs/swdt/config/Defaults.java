package io.k8s.sigs.swdt.config;

import io.k8s.sigs.swdt.value.Version;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Fills in what a checked cluster file leaves open. A pure function of the file's tree. */
final class Defaults {

    static final String KUBERNETES = "1.36.4";
    static final String CONTAINERD = "2.3.4";
    static final String RUNC = "1.4.3";
    static final String FLANNEL = "0.28.9";
    static final String CNI_PLUGINS = "1.9.1";
    static final String POD_SUBNET = "10.244.0.0/16";
    static final String SERVICE_SUBNET = "10.96.0.0/12";
    static final int API_PORT = 6443;

    private Defaults() {}

    /**
     * A new tree with the defaults in it, keys in the table's order; the given one is not changed.
     *
     * @param tree without mistakes
     */
    static Map<String, @Nullable Object> fill(Map<String, @Nullable Object> tree) {
        Map<String, @Nullable Object> spec = new LinkedHashMap<>(Tree.map(tree, "spec"));
        List<Map<String, @Nullable Object>> nodes = new ArrayList<>();
        for (Map<String, @Nullable Object> node : Tree.maps(spec, "nodes")) {
            nodes.add(node(node));
        }

        Map<String, @Nullable Object> kubernetes =
                new LinkedHashMap<>(Tree.map(spec, "kubernetes"));
        kubernetes.putIfAbsent("version", KUBERNETES);
        kubernetes.put(
                "controlPlaneEndpoint",
                endpoint(Tree.textOrNull(kubernetes, "controlPlaneEndpoint"), nodes));

        Map<String, @Nullable Object> runtime = new LinkedHashMap<>(Tree.map(spec, "runtime"));
        runtime.putIfAbsent("name", "containerd");
        runtime.putIfAbsent("version", CONTAINERD);
        runtime.putIfAbsent("runcVersion", RUNC);
        runtime.putIfAbsent(
                "crictlVersion", Version.parse(Tree.text(kubernetes, "version")).line() + ".0");

        Map<String, @Nullable Object> network = new LinkedHashMap<>(Tree.map(spec, "network"));
        network.putIfAbsent("name", "flannel");
        network.putIfAbsent("version", FLANNEL);
        network.putIfAbsent("backend", "vxlan");
        network.putIfAbsent("cniPluginsVersion", CNI_PLUGINS);
        network.putIfAbsent("podSubnet", POD_SUBNET);
        network.putIfAbsent("serviceSubnet", SERVICE_SUBNET);

        Map<String, @Nullable Object> ssh = new LinkedHashMap<>(Tree.map(spec, "ssh"));
        ssh.putIfAbsent("agent", true);

        spec.put("kubernetes", ordered("kubernetes", kubernetes));
        spec.put("runtime", ordered("runtime", runtime));
        spec.put("network", ordered("network", network));
        spec.put("ssh", ordered("ssh", ssh));
        spec.put("nodes", nodes);
        Map<String, @Nullable Object> result = new LinkedHashMap<>(tree);
        result.put("spec", ordered("spec", spec));
        return ordered("file", result);
    }

    private static Map<String, @Nullable Object> node(Map<String, @Nullable Object> node) {
        Map<String, @Nullable Object> result = new LinkedHashMap<>(node);
        result.putIfAbsent("os", "linux");
        return ordered("node", result);
    }

    private static String endpoint(
            @Nullable String given, List<Map<String, @Nullable Object>> nodes) {
        String host = given == null ? controlPlane(nodes) : given;
        return host.indexOf(':') < 0 ? host + ":" + API_PORT : host;
    }

    private static String controlPlane(List<Map<String, @Nullable Object>> nodes) {
        for (Map<String, @Nullable Object> node : nodes) {
            if (Tree.text(node, "role").equals("control-plane")) {
                return Tree.text(node, "name");
            }
        }
        throw new IllegalArgumentException("no control plane; the checks let this through");
    }

    private static Map<String, @Nullable Object> ordered(
            String spec, Map<String, @Nullable Object> map) {
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        for (String key : Table.spec(spec).keys()) {
            if (map.containsKey(key)) {
                result.put(key, map.get(key));
            }
        }
        return result;
    }
}
