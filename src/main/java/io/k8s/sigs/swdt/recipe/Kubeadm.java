package io.k8s.sigs.swdt.recipe;

import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.plan.Change;
import io.k8s.sigs.swdt.value.Merge;
import io.k8s.sigs.swdt.value.Ordered;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * kubeadm's configuration (v1beta4, kubeadm 1.31 and newer) from the cluster file: what swdt knows
 * first, the file's patches merged over it. Source: kubernetes.io "kubeadm Configuration
 * (v1beta4)".
 */
public final class Kubeadm {

    private static final String API = "kubeadm.k8s.io/v1beta4";

    private Kubeadm() {}

    /** The control plane's four documents. */
    public static Change.KubeadmInit init(Context context) {
        Cluster cluster = context.cluster();
        Cluster.Kubernetes kubernetes = cluster.kubernetes();
        Cluster.Node node = context.node();
        Map<String, Object> init = document(API, "InitConfiguration");
        init.put(
                "localAPIEndpoint",
                Ordered.map(
                        "advertiseAddress",
                        node.address(),
                        "bindPort",
                        kubernetes.controlPlaneEndpoint().port()));
        init.put("nodeRegistration", registration(context));

        Map<String, Object> clusterDocument = document(API, "ClusterConfiguration");
        clusterDocument.put("clusterName", cluster.name());
        clusterDocument.put("kubernetesVersion", "v" + kubernetes.version());
        clusterDocument.put("controlPlaneEndpoint", kubernetes.controlPlaneEndpoint().toString());
        clusterDocument.put(
                "networking",
                Ordered.map(
                        "podSubnet", cluster.network().podSubnet().toString(),
                        "serviceSubnet", cluster.network().serviceSubnet().toString()));
        clusterDocument.put("apiServer", Ordered.map("certSANs", certSans(cluster, node)));

        Map<String, Object> kubelet =
                document("kubelet.config.k8s.io/v1beta1", "KubeletConfiguration");
        kubelet.put("cgroupDriver", "systemd");
        Map<String, Object> proxy =
                document("kubeproxy.config.k8s.io/v1alpha1", "KubeProxyConfiguration");
        return new Change.KubeadmInit(
                List.of(
                        Merge.deep(init, kubernetes.initConfiguration()),
                        Merge.deep(clusterDocument, kubernetes.clusterConfiguration()),
                        Merge.deep(kubelet, kubernetes.kubeletConfiguration()),
                        Merge.deep(proxy, kubernetes.kubeProxyConfiguration())));
    }

    /** A worker's document, without what only the run knows. */
    public static Change.KubeadmJoin join(Context context) {
        Map<String, Object> join = document(API, "JoinConfiguration");
        join.put("nodeRegistration", registration(context));
        Cluster.Kubernetes kubernetes = context.cluster().kubernetes();
        return new Change.KubeadmJoin(
                Merge.deep(join, kubernetes.joinConfiguration()),
                kubernetes.controlPlaneEndpoint().toString());
    }

    private static List<String> certSans(Cluster cluster, Cluster.Node node) {
        List<String> names = new ArrayList<>(List.of(node.name(), node.address()));
        names.add(cluster.kubernetes().controlPlaneEndpoint().host());
        String reached = node.ssh().host();
        if (reached != null) {
            names.add(reached);
        }
        return names.stream().distinct().toList();
    }

    private static Map<String, Object> registration(Context context) {
        Cluster.Node node = context.node();
        Map<String, Object> registration = new LinkedHashMap<>();
        registration.put("name", node.name());
        boolean windows = node.os() == Cluster.Os.WINDOWS;
        registration.put("criSocket", windows ? WindowsNode.SOCKET : ContainerdRuntime.SOCKET);
        List<Map<String, Object>> arguments = new ArrayList<>();
        // without it the kubelet takes the address of the default route's interface (k/k#44702)
        arguments.add(Ordered.map("name", "node-ip", "value", node.address()));
        if (!node.labels().isEmpty()) {
            arguments.add(
                    Ordered.map(
                            "name",
                            "node-labels",
                            "value",
                            new TreeMap<>(node.labels())
                                    .entrySet().stream()
                                            .map(e -> e.getKey() + "=" + e.getValue())
                                            .collect(Collectors.joining(","))));
        }
        if (!windows) { // there the kubelet's service does not read what kubeadm makes of them
            registration.put("kubeletExtraArgs", arguments);
        }
        List<String> ignored = context.cluster().kubernetes().ignorePreflightErrors();
        if (!ignored.isEmpty()) {
            registration.put("ignorePreflightErrors", ignored);
        }
        boolean alone =
                node.role() == Cluster.Role.CONTROL_PLANE && context.cluster().workers().isEmpty();
        if (!node.taints().isEmpty() || alone) {
            // an empty list leaves out kubeadm's taint: a cluster of one node must run pods on it
            registration.put("taints", node.taints().stream().map(Kubeadm::taint).toList());
        }
        return registration;
    }

    /** {@code key=value:Effect} as the object that the API wants. */
    private static Map<String, Object> taint(String text) {
        int colon = text.lastIndexOf(':');
        String pair = text.substring(0, colon);
        int equals = pair.indexOf('=');
        Map<String, Object> taint = new LinkedHashMap<>();
        taint.put("key", equals < 0 ? pair : pair.substring(0, equals));
        if (equals >= 0) {
            taint.put("value", pair.substring(equals + 1));
        }
        taint.put("effect", text.substring(colon + 1));
        return taint;
    }

    private static Map<String, Object> document(String apiVersion, String kind) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("apiVersion", apiVersion);
        document.put("kind", kind);
        return document;
    }
}
