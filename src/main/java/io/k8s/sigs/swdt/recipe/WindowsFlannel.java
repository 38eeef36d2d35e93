package io.k8s.sigs.swdt.recipe;

import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.plan.Change;
import io.k8s.sigs.swdt.value.Json;
import io.k8s.sigs.swdt.value.Ordered;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * flannel's network for Windows: VXLAN with VNI 4096, the first that Windows takes. Sources:
 * flannel Documentation/backends.md, rke2 pkg/windows/flannel.go; win-overlay needs apiVersion 2
 * with containerd (containernetworking/plugins#713).
 */
final class WindowsFlannel {

    private WindowsFlannel() {}

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
                                "flannel.4096",
                                "plugins",
                                List.of(plugin)));
        return new Change.TextFile("C:\\etc\\cni\\net.d\\10-flannel.conflist", "0644", text + "\n");
    }

    private static Map<String, Object> policy(String type, Map<String, Object> settings) {
        return Ordered.map(
                "name", "EndpointPolicy", "value", Ordered.map("Type", type, "Settings", settings));
    }
}
