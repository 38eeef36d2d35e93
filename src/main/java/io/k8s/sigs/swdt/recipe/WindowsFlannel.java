package io.k8s.sigs.swdt.recipe;

import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.plan.Change;
import io.k8s.sigs.swdt.plan.Step;
import io.k8s.sigs.swdt.plan.WindowsChange;
import io.k8s.sigs.swdt.value.Json;
import io.k8s.sigs.swdt.value.Ordered;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * flannel's network for Windows: VXLAN with VNI 4096, the first that Windows takes. Sources:
 * flannel Documentation/backends.md, rke2 pkg/windows/flannel.go; win-overlay needs apiVersion 2
 * with containerd (containernetworking/plugins#713).
 */
final class WindowsFlannel {

    /** The network that flannel makes on Windows. */
    static final String NETWORK = "flannel.4096";

    private static final String SCRIPT = "C:\\k\\network.ps1";
    private static final String FLANNEL = "C:/etc/kubernetes/flannel.conf";
    private static final String PROXY = "C:/etc/kubernetes/kube-proxy.conf";
    private static final String NET_CONF = "C:\\etc\\kube-flannel\\net-conf.json";

    private WindowsFlannel() {}

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
                        Ordered.map("Type", "vxlan", "VNI", 4096, "Port", 4789));
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
                        "--network-name=" + NETWORK,
                        "--enable-dsr=true");
        Map<String, Object> settings =
                Ordered.map("node", node.name(), "network", NETWORK, "flanneld", flanneld);
        settings.put("kubeProxy", proxy);
        return Json.write(settings);
    }

    /** The configuration that containerd reads. */
    static Change network(Context context) {
        Cluster.Network network = context.cluster().network();
        String pods = network.podSubnet().toString();
        String services = network.serviceSubnet().toString();
        Map<String, Object> delegate = Ordered.map("type", "win-overlay", "apiVersion", 2);
        delegate.put(
                "policies",
                List.of(
                        policy("OutBoundNAT", Ordered.map("Exceptions", List.of(pods, services))),
                        policy(
                                "SDNRoute",
                                Ordered.map("DestinationPrefix", services, "NeedEncap", true)),
                        policy(
                                "ProviderAddress",
                                Ordered.map("ProviderAddress", context.node().address()))));
        Map<String, Object> plugin = new LinkedHashMap<>();
        plugin.put("type", "flannel");
        plugin.put("capabilities", Ordered.map("portMappings", true, "dns", true));
        plugin.put("delegate", delegate);
        String text =
                Json.write(
                        Ordered.map(
                                "cniVersion",
                                "0.3.0",
                                "name",
                                NETWORK,
                                "plugins",
                                List.of(plugin)));
        return new Change.TextFile("C:\\etc\\cni\\net.d\\10-flannel.conflist", "0644", text + "\n");
    }

    private static Map<String, Object> policy(String type, Map<String, Object> settings) {
        return Ordered.map(
                "name", "EndpointPolicy", "value", Ordered.map("Type", type, "Settings", settings));
    }
}
