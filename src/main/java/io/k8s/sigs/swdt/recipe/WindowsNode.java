package io.k8s.sigs.swdt.recipe;

import io.k8s.sigs.swdt.artifact.Artifact;
import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.plan.Change;
import io.k8s.sigs.swdt.plan.Step;
import io.k8s.sigs.swdt.plan.WindowsChange;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * All steps of a Windows worker in their order. Sources: kubernetes-sigs/sig-windows-tools,
 * image-builder's role {@code windows}, kubernetes.io "Adding Windows worker nodes".
 */
public final class WindowsNode {

    /** Where containerd answers on Windows. */
    public static final String SOCKET = "npipe:////./pipe/containerd-containerd";

    private static final String OVERRIDES =
            "SYSTEM\\CurrentControlSet\\Policies\\Microsoft\\FeatureManagement\\Overrides";
    static final String CHOCOLATEY = "C:\\ProgramData\\chocolatey";
    private static final String K = "C:\\k\\";
    private static final String CNI = "C:\\opt\\cni\\bin";

    private final String networkScript;

    /**
     * @param networkScript what keeps flanneld and kube-proxy running
     */
    public WindowsNode(String networkScript) {
        this.networkScript = networkScript;
    }

    /** What a worker needs. */
    public List<Step> steps(Context context) {
        List<Change> changes = new ArrayList<>();
        changes.addAll(beforeRestart(context));
        changes.add(new WindowsChange.Restart());
        changes.add(
                new WindowsChange.PodNetwork(WindowsFlannel.network(context.cluster().network())));
        changes.addAll(system(context));
        changes.addAll(WindowsContainerd.changes(context));
        changes.add(new Change.Archive(CNI, ".", artifact(context, "cni-plugins-windows")));
        changes.add(program(context, "flannel.exe", CNI + "\\flannel.exe"));
        changes.add(WindowsFlannel.conflist(context));
        for (String name :
                List.of(
                        "kubelet.exe",
                        "kubeadm.exe",
                        "kubectl.exe",
                        "kube-log-runner.exe",
                        "kube-proxy.exe",
                        "flanneld.exe")) {
            changes.add(program(context, name, K + name));
        }
        changes.add(new Change.Archive("C:\\k", ".", artifact(context, "crictl-windows")));
        // kubeadm calls the kubelet by its name
        changes.add(new WindowsChange.PathEntry("C:\\k"));
        changes.add(new WindowsChange.PathEntry(WindowsContainerd.FOLDER));
        changes.add(kubelet(context.node()));
        List<Step> steps = new ArrayList<>(changes.stream().map(Step::of).toList());
        steps.add(
                new Step(
                        Kubeadm.join(context),
                        List.of(
                                new Step.Link(
                                        context.cluster().controlPlane().name(),
                                        new Change.Token().key()))));
        steps.addAll(WindowsFlannel.services(context, networkScript));
        // for people: nothing of the cluster waits for it
        packages(context).forEach(c -> steps.add(Step.of(c)));
        return steps;
    }

    // what takes effect with a restart comes before the one that there is
    private static List<Change> beforeRestart(Context context) {
        List<Change> changes = new ArrayList<>();
        Cluster.Windows windows = context.cluster().windows();
        if (windows.rename()) {
            changes.add(new WindowsChange.ComputerName(context.node().name()));
        }
        changes.add(new WindowsChange.Feature("Containers", windows.removeFeatures()));
        if (windows.hyperV()) {
            changes.add(new WindowsChange.Feature("Hyper-V", windows.removeFeatures()));
        }
        // image-builder's role systemprep: fixes of the virtual switch that are off by default
        switch (context.facts().osVersion()) {
            case "20348" -> changes.add(override("1114842764", "0"));
            case "26100" -> changes.add(override("520997518", "1"));
            default -> {}
        }
        // names of servers resolve in containers only with it (windows-gmsa#30)
        changes.add(
                new WindowsChange.Registry(
                        "SYSTEM\\CurrentControlSet\\Services\\hns\\State",
                        "EnableCompartmentNamespace",
                        "DWord",
                        "1",
                        true));
        return changes;
    }

    private static Change override(String number, String value) {
        return new WindowsChange.Registry(OVERRIDES, number, "DWord", value, true);
    }

    private static List<Change> system(Context context) {
        List<Change> changes = new ArrayList<>();
        if (!context.cluster().windows().automaticUpdates()) {
            String path = "SOFTWARE\\Policies\\Microsoft\\Windows\\WindowsUpdate\\AU";
            changes.add(new WindowsChange.Registry(path, "NoAutoUpdate", "DWord", "1", false));
        }
        boolean rdp = context.cluster().windows().rdp();
        if (rdp) {
            String path = "SYSTEM\\CurrentControlSet\\Control\\Terminal Server";
            changes.add(
                    new WindowsChange.Registry(path, "fDenyTSConnections", "DWord", "0", false));
        }
        // away from node ports, and enough of them for services (image-builder)
        changes.add(new WindowsChange.PortRange("tcp", 34000, 31536));
        if (context.cluster().windows().firewallOff()) {
            changes.add(new WindowsChange.FirewallOff());
        } else if (!context.facts().has("no-firewall")) {
            changes.add(rule("kubelet", "kubelet", "TCP", "10250"));
            changes.add(rule("kube-proxy", "kube-proxy health", "TCP", "10256"));
            if (!context.cluster().network().hostGateway()) {
                changes.add(rule("vxlan", "pod network (VXLAN)", "UDP", "4789"));
            }
            changes.add(rule("node-ports", "node ports", "TCP", "30000-32767"));
            if (rdp) {
                changes.add(rule("rdp-tcp", "Remote Desktop", "TCP", "3389"));
                changes.add(rule("rdp-udp", "Remote Desktop", "UDP", "3389"));
            }
            changes.add(rule("ping", "ping", "ICMPv4", ""));
        }
        if (!context.facts().has("defender-managed")) {
            changes.add(
                    new WindowsChange.DefenderExclusion(
                            WindowsContainerd.FOLDER + "\\containerd.exe"));
        }
        changes.add(LinuxBase.hostsBlock(context.cluster(), context.node()));
        return changes;
    }

    private static List<Change> packages(Context context) {
        List<String> packages = context.cluster().windows().chocolatey();
        if (packages.isEmpty()) {
            return List.of();
        }
        List<Change> changes = new ArrayList<>();
        // what its own script would set, so that it goes again
        changes.add(
                new WindowsChange.Registry(
                        "SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment",
                        "ChocolateyInstall",
                        "String",
                        CHOCOLATEY,
                        false));
        changes.add(new WindowsChange.PathEntry(CHOCOLATEY + "\\bin"));
        changes.add(new WindowsChange.Chocolatey(artifact(context, "chocolatey")));
        packages.forEach(p -> changes.add(new WindowsChange.ChocolateyPackage(p)));
        return changes;
    }

    private static Change rule(String name, String title, String protocol, String port) {
        return new WindowsChange.FirewallRule(
                "swdt-" + name, "Kubernetes: " + title, protocol, port);
    }

    static Artifact artifact(Context context, String name) {
        return context.artifacts().file(name, context.facts().platform());
    }

    private static Change program(Context context, String name, String path) {
        return new Change.Program(path, "0755", artifact(context, name));
    }

    /**
     * A plain service by kube-log-runner, as image-builder has it. kubeadm starts it; what it would
     * read from kubeadm-flags.env stands in its command line.
     */
    private static Change kubelet(Cluster.Node node) {
        List<String> words = new ArrayList<>();
        words.add("C:\\k\\kube-log-runner.exe");
        words.add("--log-file=C:/var/log/kubelet/kubelet.log");
        words.add("--log-file-size=50Mi");
        words.add("--log-file-age=168h");
        words.add("C:\\k\\kubelet.exe");
        words.add("--windows-service");
        words.add("--cert-dir=C:/var/lib/kubelet/pki");
        words.add("--config=C:/var/lib/kubelet/config.yaml");
        words.add("--bootstrap-kubeconfig=C:/etc/kubernetes/bootstrap-kubelet.conf");
        words.add("--kubeconfig=C:/etc/kubernetes/kubelet.conf");
        words.add("--hostname-override=" + node.name());
        words.add("--node-ip=" + node.address());
        words.add("--cgroups-per-qos=false");
        words.add("--enforce-node-allocatable=");
        words.add("--resolv-conf=");
        if (!node.labels().isEmpty()) {
            words.add(
                    "--node-labels="
                            + new TreeMap<>(node.labels())
                                    .entrySet().stream()
                                            .map(e -> e.getKey() + "=" + e.getValue())
                                            .collect(Collectors.joining(",")));
        }
        if (!node.taints().isEmpty()) {
            words.add("--register-with-taints=" + String.join(",", node.taints()));
        }
        String line = String.join(" ", words);
        return new WindowsChange.Service(
                "kubelet",
                line,
                List.of("containerd"),
                false,
                List.of(),
                "",
                List.of("C:\\k\\kubelet.exe"),
                List.of("C:\\var\\log\\kubelet"),
                line);
    }
}
