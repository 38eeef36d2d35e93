package io.k8s.sigs.swdt.recipe;

import io.k8s.sigs.swdt.value.Yaml;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads kubectl's JSON into rows for people. Pure. */
public final class KubeObjects {

    /** The image of the pods that test a cluster. */
    public static final String TEST_IMAGE = "registry.k8s.io/e2e-test-images/agnhost:2.63.0";

    private KubeObjects() {}

    /** Name, status, role, version, address, operating system, runtime of each node. */
    public static List<List<String>> nodes(String json) {
        List<List<String>> rows = new ArrayList<>();
        for (Object node : items(json)) {
            String status = "Unknown";
            for (Object condition : list(node, "status", "conditions")) {
                if (text(condition, "type").equals("Ready")) {
                    status = text(condition, "status").equals("True") ? "Ready" : "NotReady";
                }
            }
            if (text(node, "spec", "unschedulable").equals("true")) {
                status += ",SchedulingDisabled";
            }
            String address = "";
            for (Object item : list(node, "status", "addresses")) {
                if (text(item, "type").equals("InternalIP")) {
                    address = text(item, "address");
                }
            }
            boolean controlPlane =
                    at(node, "metadata", "labels") instanceof Map<?, ?> labels
                            && labels.containsKey("node-role.kubernetes.io/control-plane");
            rows.add(
                    List.of(
                            text(node, "metadata", "name"),
                            status,
                            controlPlane ? "control-plane" : "worker",
                            text(node, "status", "nodeInfo", "kubeletVersion"),
                            address,
                            text(node, "status", "nodeInfo", "osImage"),
                            text(node, "status", "nodeInfo", "containerRuntimeVersion")));
        }
        return rows;
    }

    /** Namespace, name, ready containers, status, restarts, address, node of each pod. */
    public static List<List<String>> pods(String json) {
        List<List<String>> rows = new ArrayList<>();
        for (Object pod : items(json)) {
            int ready = 0;
            long restarts = 0;
            String status = text(pod, "status", "phase");
            List<?> containers = list(pod, "status", "containerStatuses");
            for (Object container : containers) {
                ready += text(container, "ready").equals("true") ? 1 : 0;
                restarts += Long.parseLong("0" + text(container, "restartCount"));
                String waiting = text(container, "state", "waiting", "reason");
                status = waiting.isEmpty() ? status : waiting;
            }
            int all = list(pod, "spec", "containers").size();
            rows.add(
                    List.of(
                            text(pod, "metadata", "namespace"),
                            text(pod, "metadata", "name"),
                            ready + "/" + all,
                            status,
                            Long.toString(restarts),
                            text(pod, "status", "podIP"),
                            text(pod, "spec", "nodeName")));
        }
        return rows;
    }

    /** The same document as YAML. */
    public static String yaml(String json) {
        return Yaml.write(Yaml.parse(json));
    }

    private static List<?> items(String json) {
        return list(Yaml.parse(json), "items");
    }

    private static @Nullable Object at(@Nullable Object value, String... path) {
        Object found = value;
        for (String key : path) {
            found = found instanceof Map<?, ?> map ? map.get(key) : null;
        }
        return found;
    }

    private static String text(@Nullable Object value, String... path) {
        Object found = at(value, path);
        return found == null ? "" : String.valueOf(found);
    }

    private static List<?> list(@Nullable Object value, String... path) {
        return at(value, path) instanceof List<?> list ? list : List.of();
    }
}
