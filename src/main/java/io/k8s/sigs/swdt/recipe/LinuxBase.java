package io.k8s.sigs.swdt.recipe;

import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.plan.Change;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What any Linux node needs before a runtime or Kubernetes is installed. Source: kubernetes.io
 * "Container runtimes" and "Installing kubeadm"; image-builder's role {@code node}.
 */
public final class LinuxBase implements Recipe {

    // flannel's pods are not privileged any more: bridge filtering and VXLAN must be there before
    // them
    private static final List<String> MODULES = List.of("overlay", "br_netfilter", "vxlan");

    private static final Map<String, String> SYSCTLS = new LinkedHashMap<>();

    static {
        SYSCTLS.put("net.ipv4.ip_forward", "1");
        SYSCTLS.put("net.bridge.bridge-nf-call-iptables", "1");
        SYSCTLS.put("net.bridge.bridge-nf-call-ip6tables", "1");
    }

    @Override
    public List<Change> changes(Context context) {
        List<Change> changes = new ArrayList<>();
        List<String> packages = LinuxTools.missingPackages(context.facts());
        if (!packages.isEmpty()) {
            changes.add(new Change.Packages(packages));
        }
        if (context.facts().hasSwap() && !context.cluster().kubernetes().swapAllowed()) {
            changes.add(new Change.SwapOff());
        }
        changes.add(
                new Change.TextFile(
                        "/etc/modules-load.d/swdt.conf",
                        "0644",
                        String.join("\n", MODULES) + "\n"));
        MODULES.forEach(m -> changes.add(new Change.KernelModule(m)));
        changes.add(
                new Change.TextFile(
                        "/etc/sysctl.d/99-swdt.conf",
                        "0644",
                        SYSCTLS.entrySet().stream()
                                .map(e -> e.getKey() + " = " + e.getValue() + "\n")
                                .collect(Collectors.joining())));
        SYSCTLS.forEach((name, value) -> changes.add(new Change.Sysctl(name, value)));
        if (context.facts().has("cloud-init")) {
            // cloud-init writes /etc/hosts anew at every boot where manage_etc_hosts is on
            changes.add(
                    new Change.TextFile(
                            "/etc/cloud/cloud.cfg.d/99-swdt.cfg",
                            "0644",
                            "manage_etc_hosts: false\n"));
        }
        changes.add(hostsBlock(context.cluster(), context.node()));
        return changes;
    }

    /**
     * The node's own name, which kubeadm looks up, and those of the control plane with its
     * endpoint, which every node must reach. Other workers are left out: nothing asks for them by
     * name, and a new one would alter every host.
     */
    static Change hostsBlock(Cluster cluster, Cluster.Node self) {
        List<String> lines = new ArrayList<>();
        String endpoint = cluster.kubernetes().controlPlaneEndpoint().host();
        for (Cluster.Node node : cluster.nodes()) {
            boolean controls = node.role() == Cluster.Role.CONTROL_PLANE;
            boolean extra =
                    controls && !endpoint.equals(node.name()) && !endpoint.matches("[0-9.]+");
            if (controls || node.name().equals(self.name())) {
                lines.add(node.address() + " " + node.name() + (extra ? " " + endpoint : ""));
            }
        }
        String file =
                switch (self.os()) {
                    case LINUX -> "/etc/hosts";
                    case WINDOWS -> "C:\\Windows\\System32\\drivers\\etc\\hosts";
                };
        return new Change.FileBlock(file, "swdt " + cluster.name(), String.join("\n", lines));
    }
}
