package io.k8s.sigs.swdt.recipe;

import io.k8s.sigs.swdt.artifact.EnvironmentProxy;
import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.host.Facts;
import io.k8s.sigs.swdt.value.Cidr;
import io.k8s.sigs.swdt.value.Ipv4;
import io.k8s.sigs.swdt.value.Target;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What speaks against a host for its place in the network. */
final class NetworkFitness {

    private static final String ANEW =
            "destroy the cluster and create it anew: swdt never alters a running network";

    private NetworkFitness() {}

    /** What is wrong, with what to do. */
    static Map<String, String> refusals(Cluster cluster, Cluster.Node node, Facts host) {
        Map<String, String> refusals = new LinkedHashMap<>();
        if (host.owner().isPresent()) {
            running(cluster, node, host, refusals);
        }
        if (cluster.network().hostGateway()) {
            segment(cluster, node, host, refusals);
        }
        proxy(cluster, host, refusals);
        for (Facts.Route route : host.routes()) {
            if (!route.device().matches("cni0|flannel.*|vEthernet.*")
                    && !isPods(cluster, host, route)) {
                overlap("network.podSubnet", cluster.network().podSubnet(), route, refusals);
                overlap(
                        "network.serviceSubnet",
                        cluster.network().serviceSubnet(),
                        route,
                        refusals);
            }
        }
        return refusals;
    }

    // the network that a host is in already: what flannel's pod and the control plane's were given
    private static void running(
            Cluster cluster, Cluster.Node node, Facts host, Map<String, String> refusals) {
        Cluster.Network wanted = cluster.network();
        alters("network.backend", host.text("backend"), backend(cluster), refusals);
        alters("network.podSubnet", host.text("pod-subnet"), wanted.podSubnet(), refusals);
        alters(
                "network.serviceSubnet",
                host.text("service-subnet"),
                wanted.serviceSubnet(),
                refusals);
        if (cluster.hasWindows()
                && !wanted.hostGateway()
                && host.all("link").contains("flannel.1")) {
            refusals.put(
                    "is in a pod network for Linux nodes only (VXLAN with VNI 1; Windows takes 4096 and above)",
                    ANEW);
        }
        if (node.role() == Cluster.Role.CONTROL_PLANE
                && host.journalled("kubeadm init")
                && !host.has("ca-hash")) {
            refusals.put(
                    "was a control plane, and somebody has reset it: its cluster is gone",
                    "swdt cluster destroy gives all hosts back; then create the cluster anew");
        }
    }

    private static void alters(
            String key, String present, Object wanted, Map<String, String> refusals) {
        if (!present.isEmpty() && !present.equals(wanted.toString())) {
            refusals.put(
                    "is in a cluster with "
                            + key
                            + " "
                            + present
                            + ", and the file wants "
                            + wanted,
                    ANEW);
        }
    }

    private static String backend(Cluster cluster) {
        return cluster.network().hostGateway() ? "host-gw" : "vxlan";
    }

    // flannel Documentation/backends.md: host-gw needs direct layer 2 connectivity between hosts
    private static void segment(
            Cluster cluster, Cluster.Node node, Facts host, Map<String, String> refusals) {
        Cidr network = host.network(Ipv4.parse(node.address())).orElse(null);
        if (network == null) {
            return; // said elsewhere
        }
        List<String> away =
                cluster.nodes().stream()
                        .map(Cluster.Node::address)
                        .filter(a -> !network.contains(Ipv4.parse(a)))
                        .toList();
        if (!away.isEmpty()) {
            refusals.put(
                    "is in " + network + ", outside of which other nodes are: " + away,
                    "network.backend: vxlan works between networks, host-gw does not");
        }
    }

    // flannel's own routes, of host-gw to the pods of other hosts
    private static boolean isPods(Cluster cluster, Facts host, Facts.Route route) {
        Cidr pods = cluster.network().podSubnet();
        return host.owner().isPresent()
                && (cluster.network().hostGateway() || host.text("backend").equals("host-gw"))
                && pods.overlaps(route.network())
                && route.network().prefix() > pods.prefix();
    }

    /**
     * kubeadm, the kubelet and flanneld would take the proxy for the API server's address, too
     * (kubeadm's preflight check HTTPProxy only warns).
     */
    private static void proxy(Cluster cluster, Facts host, Map<String, String> refusals) {
        if (!host.has("proxy")) {
            return;
        }
        Target endpoint = cluster.kubernetes().controlPlaneEndpoint();
        Set<String> inside = new LinkedHashSet<>(List.of(endpoint.host()));
        cluster.nodes().forEach(n -> inside.add(n.address()));
        inside.add(cluster.network().serviceSubnet().address(1).toString());
        List<String> taken = new ArrayList<>();
        for (String name : inside) {
            if (!EnvironmentProxy.spares(host.text("no-proxy"), name, endpoint.port())) {
                taken.add(name);
            }
        }
        if (!taken.isEmpty()) {
            refusals.put(
                    "its environment sends what Kubernetes says to "
                            + String.join(", ", taken)
                            + " to a proxy ("
                            + host.text("proxy")
                            + ")",
                    "add them to NO_PROXY there, best the networks of hosts, pods and services: "
                            + cluster.network().podSubnet()
                            + ","
                            + cluster.network().serviceSubnet());
        }
    }

    private static void overlap(
            String key, Cidr subnet, Facts.Route route, Map<String, String> refusals) {
        if (subnet.overlaps(route.network())) {
            refusals.put(
                    key
                            + " "
                            + subnet
                            + " overlaps with its route to "
                            + route.network()
                            + " by "
                            + route.device(),
                    "choose another " + key);
        }
    }
}
