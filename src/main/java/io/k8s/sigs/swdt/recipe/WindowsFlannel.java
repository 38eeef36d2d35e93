package io.k8s.sigs.swdt.recipe;

import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.plan.Change;
import io.k8s.sigs.swdt.plan.Step;
import io.k8s.sigs.swdt.plan.WindowsChange;
import io.k8s.sigs.swdt.value.Ipv4;
import io.k8s.sigs.swdt.value.Json;
import io.k8s.sigs.swdt.value.Ordered;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * flannel's network for Windows: VXLAN with VNI 4096, the first that Windows takes, or host-gw.
 * Sources: flannel Documentation/backends.md, pkg/backend/{vxlan,hostgw}/*_windows.go (read in
 * v0.28.9), rke2 pkg/windows/flannel.go; the delegates need apiVersion 2 with containerd
 * (containernetworking/plugins#713).
 */
final class WindowsFlannel {

    private static final String SCRIPT = "C:\\k\\network.ps1";
    private static final String FLANNEL = "C:/etc/kubernetes/flannel.conf";
    private static final String PROXY = "C:/etc/kubernetes/kube-proxy.conf";
    private static final String NET_CONF = "C:\\etc\\kube-flannel\\net-conf.json";

    private WindowsFlannel() {}

    /** The network that flannel makes on Windows. */
    static String network(Cluster.Network network) {
        return network.hostGateway() ? "cbr0" : "flannel.4096";
    }

    /**
     * flanneld and kube-proxy, which no pod can be on Windows without a network: a task of the
     * system starts them by a script. Their service accounts are those of the Linux nodes' pods.
     */
    static List<Step> services(Context context, String script) {
        Cluster cluster = context.cluster();
        String server = "https://" + cluster.kubernetes().controlPlaneEndpoint();
        String settings = settings(context) + "\n";
        Map<String, Object> net =
                Ordered.map(
                        "Network",
                        cluster.network().podSubnet().toString(),
                        "Backend",
                        Flannel.backend(cluster));
        List<Step> steps = new ArrayList<>();
        steps.add(Step.of(new Change.TextFile(NET_CONF, "0644", Json.write(net) + "\n")));
        steps.add(Step.of(new Change.TextFile(SCRIPT, "0644", script)));
        steps.add(Step.of(new Change.TextFile("C:\\k\\network.json", "0644", settings)));
        steps.add(
                new Step(
                        new WindowsChange.AccountKubeconfig(
                                FLANNEL.replace('/', '\\'), server, "kube-flannel/flannel"),
                        List.of(new Step.Link(cluster.controlPlane().name(), "manifest flannel"))));
        steps.add(
                Step.of(
                        new WindowsChange.AccountKubeconfig(
                                PROXY.replace('/', '\\'), server, "kube-system/kube-proxy")));
        steps.add(
                Step.of(
                        new WindowsChange.StartTask(
                                "kubernetes-network",
                                "-NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "
                                        + SCRIPT,
                                List.of(
                                        "C:\\k\\flanneld.exe",
                                        "C:\\k\\kube-proxy.exe",
                                        "C:\\k\\kube-log-runner.exe"),
                                List.of(
                                        "C:\\var\\log\\flanneld",
                                        "C:\\var\\log\\kube-proxy",
                                        "C:\\run\\flannel"),
                                script + settings)));
        return steps;
    }

    // no feature gates: those that were needed once are no flags any more (k/k#142125)
    private static String settings(Context context) {
        Cluster.Node node = context.node();
        List<String> flanneld =
                List.of(
                        "--kubeconfig-file=" + FLANNEL,
                        "--kube-subnet-mgr",
                        "--ip-masq",
                        "--iptables-forward-rules=false",
                        "--iface=" + node.address(),
                        "--net-config-path=" + NET_CONF.replace('\\', '/'));
        List<String> proxy =
                List.of(
                        "--kubeconfig=" + PROXY,
                        "--hostname-override=" + node.name(),
                        "--proxy-mode=kernelspace",
                        "--cluster-cidr=" + context.cluster().network().podSubnet(),
                        "--network-name=" + network(context.cluster().network()),
                        "--enable-dsr=true");
        Map<String, Object> settings =
                Ordered.map(
                        "node",
                        node.name(),
                        "network",
                        network(context.cluster().network()),
                        "flanneld",
                        flanneld);
        settings.put("kubeProxy", proxy);
        settings.put(
                "accounts",
                List.of(
                        Ordered.map(
                                "kubeconfig", FLANNEL,
                                "namespace", "kube-flannel",
                                "name", "flannel"),
                        Ordered.map(
                                "kubeconfig", PROXY,
                                "namespace", "kube-system",
                                "name", "kube-proxy")));
        return Json.write(settings);
    }

    /** The configuration that containerd reads. */
    static Change conflist(Context context) {
        Cluster.Network network = context.cluster().network();
        Map<String, Object> plugin = new LinkedHashMap<>();
        plugin.put("type", "flannel");
        plugin.put("capabilities", Ordered.map("portMappings", true, "dns", true));
        plugin.put("delegate", network.hostGateway() ? bridge(context) : overlay(context));
        String text =
                Json.write(
                        Ordered.map(
                                "cniVersion",
                                "0.3.0",
                                "name",
                                network(network),
                                "plugins",
                                List.of(plugin)));
        return new Change.TextFile("C:\\etc\\cni\\net.d\\10-flannel.conflist", "0644", text + "\n");
    }

    private static Map<String, Object> overlay(Context context) {
        Cluster.Network network = context.cluster().network();
        String services = network.serviceSubnet().toString();
        Map<String, Object> delegate = Ordered.map("type", "win-overlay", "apiVersion", 2);
        delegate.put(
                "policies",
                List.of(
                        nat(List.of(network.podSubnet().toString(), services)),
                        route(services),
                        policy(
                                "ProviderAddress",
                                Ordered.map("ProviderAddress", context.node().address()))));
        return delegate;
    }

    // pods reach hosts of their segment under their own addresses, and their own host by its
    // gateway
    private static Map<String, Object> bridge(Context context) {
        Cluster.Network network = context.cluster().network();
        String services = network.serviceSubnet().toString();
        List<String> direct = new ArrayList<>(List.of(network.podSubnet().toString(), services));
        context.facts()
                .network(Ipv4.parse(context.node().address()))
                .ifPresent(n -> direct.add(n.toString()));
        Map<String, Object> delegate = Ordered.map("type", "win-bridge", "apiVersion", 2);
        delegate.put("loopbackDSR", true);
        delegate.put(
                "policies",
                List.of(nat(direct), route(services), route(context.node().address() + "/32")));
        return delegate;
    }

    private static Map<String, Object> nat(List<String> exceptions) {
        return policy("OutBoundNAT", Ordered.map("Exceptions", exceptions));
    }

    private static Map<String, Object> route(String destination) {
        return policy("SDNRoute", Ordered.map("DestinationPrefix", destination, "NeedEncap", true));
    }

    private static Map<String, Object> policy(String type, Map<String, Object> settings) {
        return Ordered.map(
                "name", "EndpointPolicy", "value", Ordered.map("Type", type, "Settings", settings));
    }
}
