package io.k8s.sigs.swdt.config;

import static io.k8s.sigs.swdt.config.Patterns.ADDRESS;
import static io.k8s.sigs.swdt.config.Patterns.ARTIFACT;
import static io.k8s.sigs.swdt.config.Patterns.CHECK;
import static io.k8s.sigs.swdt.config.Patterns.CHECKSUM;
import static io.k8s.sigs.swdt.config.Patterns.ENDPOINT;
import static io.k8s.sigs.swdt.config.Patterns.HOST;
import static io.k8s.sigs.swdt.config.Patterns.HOST_KEY;
import static io.k8s.sigs.swdt.config.Patterns.LABEL;
import static io.k8s.sigs.swdt.config.Patterns.LABEL_KEY;
import static io.k8s.sigs.swdt.config.Patterns.LABEL_VALUE;
import static io.k8s.sigs.swdt.config.Patterns.PACKAGE;
import static io.k8s.sigs.swdt.config.Patterns.PATH;
import static io.k8s.sigs.swdt.config.Patterns.SUBNET;
import static io.k8s.sigs.swdt.config.Patterns.TAINT;
import static io.k8s.sigs.swdt.config.Patterns.URL;
import static io.k8s.sigs.swdt.config.Patterns.USER;
import static io.k8s.sigs.swdt.config.Patterns.VARIABLE;
import static io.k8s.sigs.swdt.config.Patterns.VERSION;
import static io.k8s.sigs.swdt.config.Patterns.VM;

import io.k8s.sigs.swdt.config.Kind.Choice;
import io.k8s.sigs.swdt.config.Kind.Flag;
import io.k8s.sigs.swdt.config.Kind.FreeMap;
import io.k8s.sigs.swdt.config.Kind.Hidden;
import io.k8s.sigs.swdt.config.Kind.Many;
import io.k8s.sigs.swdt.config.Kind.Named;
import io.k8s.sigs.swdt.config.Kind.One;
import io.k8s.sigs.swdt.config.Kind.TextList;
import io.k8s.sigs.swdt.config.Kind.TextMap;
import io.k8s.sigs.swdt.config.Kind.Whole;
import io.k8s.sigs.swdt.config.Spec.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The one description of the cluster file: the checks, the JSON schema and the reference page all
 * come from it. What spans several keys is in {@link References}, values in {@link Defaults}.
 */
final class Table {

    private static final Map<String, Spec> SPECS = new LinkedHashMap<>();

    static {
        add(
                "file",
                "The whole file: one YAML document.",
                must(
                        "apiVersion",
                        new Choice(List.of("swdt.sigs.k8s.io/v1alpha1")),
                        "Form of the file."),
                must("kind", new Choice(List.of("Cluster")), "What the file describes."),
                must("metadata", new One("metadata"), "What identifies the cluster."),
                must("spec", new One("spec"), "What the cluster consists of."));
        add("metadata", "What identifies the cluster.", must("name", LABEL, "The cluster's name."));
        add(
                "spec",
                "What the cluster consists of.",
                may("kubernetes", new One("kubernetes"), "", "Kubernetes and its configuration."),
                may("runtime", new One("runtime"), "", "The container runtime."),
                may("network", new One("network"), "", "The pod network."),
                may("windows", new One("windows"), "", "What is done on Windows hosts."),
                may("artifacts", new One("artifacts"), "", "Where files come from."),
                may("ssh", new One("ssh"), "", "How swdt logs in, for all nodes."),
                must(
                        "nodes",
                        new Many("node"),
                        "The hosts, exactly one of them the control plane."));
        add(
                "kubernetes",
                "Kubernetes and its configuration.",
                may(
                        "version",
                        VERSION,
                        Defaults.KUBERNETES,
                        "Version of all nodes, 1.35 or newer."),
                may(
                        "source",
                        new One("build"),
                        "the release",
                        "Own build of kubelet, kubeadm and kubectl; needs version."),
                may(
                        "controlPlaneEndpoint",
                        ENDPOINT,
                        "the control plane's name, port 6443",
                        "Name and port under which nodes reach the API server."),
                may(
                        "initConfiguration",
                        new FreeMap(),
                        "",
                        "Merged into kubeadm's InitConfiguration (v1beta4)."),
                may(
                        "clusterConfiguration",
                        new FreeMap(),
                        "",
                        "Merged into kubeadm's ClusterConfiguration (v1beta4)."),
                may(
                        "joinConfiguration",
                        new FreeMap(),
                        "",
                        "Merged into kubeadm's JoinConfiguration (v1beta4)."),
                may(
                        "kubeletConfiguration",
                        new FreeMap(),
                        "",
                        "Merged into KubeletConfiguration (v1beta1)."),
                may(
                        "kubeProxyConfiguration",
                        new FreeMap(),
                        "",
                        "Merged into KubeProxyConfiguration (v1alpha1)."),
                may(
                        "ignorePreflightErrors",
                        new TextList(CHECK),
                        "none",
                        "Preflight checks of kubeadm whose errors are accepted."));
        put(
                new Spec(
                        "build",
                        "An own build of Kubernetes.",
                        List.of(
                                may("path", PATH, "", "Folder with the binaries."),
                                may(
                                        "url",
                                        URL,
                                        "",
                                        "Address of the folder, with a checksum file beside each binary.")),
                        List.of("path", "url"),
                        Map.of()));
        add(
                "runtime",
                "The container runtime.",
                may("name", new Choice(List.of("containerd")), "containerd", "Which runtime."),
                may("version", VERSION, Defaults.CONTAINERD, "Its version."),
                may("runcVersion", VERSION, Defaults.RUNC, "Version of runc."),
                may(
                        "crictlVersion",
                        VERSION,
                        "patch 0 of the Kubernetes version",
                        "Version of crictl."),
                may(
                        "config",
                        new FreeMap(),
                        "",
                        "Merged into containerd's configuration, TOML tables as maps."));
        add(
                "network",
                "The pod network.",
                may("name", new Choice(List.of("flannel")), "flannel", "Which pod network."),
                may("version", VERSION, Defaults.FLANNEL, "Its version."),
                may(
                        "backend",
                        new Choice(List.of("vxlan", "host-gw")),
                        "vxlan",
                        "vxlan works everywhere; host-gw routes, between hosts of one network segment only."),
                may(
                        "cniPluginsVersion",
                        VERSION,
                        Defaults.CNI_PLUGINS,
                        "Version of the reference CNI plugins."),
                may("podSubnet", SUBNET, Defaults.POD_SUBNET, "Addresses of pods."),
                may("serviceSubnet", SUBNET, Defaults.SERVICE_SUBNET, "Addresses of services."));
        add(
                "windows",
                "What is done on Windows hosts.",
                may(
                        "firewall",
                        new Choice(List.of("rules", "off")),
                        "rules",
                        "rules: what nodes need is let in; off: Windows' firewall is switched off."),
                may(
                        "automaticUpdates",
                        new Flag(),
                        "true",
                        "Whether Windows installs updates by itself, and restarts for them."),
                may(
                        "rdp",
                        new Flag(),
                        "false",
                        "Whether people may come in by Remote Desktop (port 3389)."),
                may(
                        "rename",
                        new Flag(),
                        "false",
                        "Whether a host whose computer name is not its node's gets that name."),
                may(
                        "hyperV",
                        new Flag(),
                        "false",
                        "Whether the feature Hyper-V is installed, for containers that it isolates."),
                may(
                        "packages",
                        new One("packages"),
                        "",
                        "Programs for the people who use the hosts."),
                may(
                        "removeFeatures",
                        new Flag(),
                        "false",
                        "Whether destroy takes features away that swdt installed; else they stay."),
                may(
                        "containerdConfig",
                        new FreeMap(),
                        "",
                        "Merged into containerd's configuration on Windows (TOML as YAML)."));
        add(
                "packages",
                "Programs for the people who use the hosts.",
                may(
                        "chocolatey",
                        new TextList(PACKAGE),
                        "none",
                        "Packages that Chocolatey installs; it comes with them. The hosts must reach its server."));
        add(
                "artifacts",
                "Where files come from.",
                may(
                        "mirror",
                        PATH,
                        "the publishers' servers",
                        "Folder, tar file or http(s) address that replaces the publishers' servers."),
                may(
                        "sources",
                        new Named(ARTIFACT, "source"),
                        "",
                        "Own source by artifact name, e.g. kubelet."));
        put(
                new Spec(
                        "source",
                        "Where one artifact comes from.",
                        List.of(
                                may("path", PATH, "", "The file."),
                                may("url", URL, "", "Address of the file; needs sha256."),
                                may(
                                        "sha256",
                                        CHECKSUM,
                                        "",
                                        "The checksum that the downloaded file must have.")),
                        List.of("path", "url"),
                        sorted("sha256", "url", "url", "sha256")));
        login(
                "ssh",
                "How swdt logs in; a node's own keys replace those of spec.ssh one by one.",
                false);
        login("jump", "A host on the way, logged into first.", true);
        put(
                new Spec(
                        "secret",
                        "A secret, never written into the file itself.",
                        List.of(
                                may("env", VARIABLE, "", "Environment variable that holds it."),
                                may("file", PATH, "", "File whose first line it is.")),
                        List.of("env", "file"),
                        Map.of()));
        add(
                "connection",
                "Another way than SSH to a virtual machine with Windows.",
                must(
                        "powershellDirect",
                        new One("powershell-direct"),
                        "PowerShell Direct, for swdt on the Hyper-V host."),
                may(
                        "fallback",
                        new Choice(List.of("powershellDirect")),
                        "no SSH at all",
                        "SSH first, PowerShell Direct where SSH is refused."));
        add(
                "powershell-direct",
                "PowerShell Direct, for swdt on the Hyper-V host.",
                may("vm", VM, "the node's name", "The virtual machine's name in Hyper-V."),
                may("user", USER, "Administrator", "Login name, a member of Administrators."),
                must("password", new Hidden(), "Login password."));
        add(
                "node",
                "One host.",
                must("name", LABEL, "Node name, unique; at most 15 characters for Windows."),
                must("role", new Choice(List.of("control-plane", "worker")), "What the node does."),
                may(
                        "os",
                        new Choice(List.of("linux", "windows")),
                        "linux",
                        "Its operating system; the control plane runs Linux."),
                must("address", ADDRESS, "IPv4 address by which the other nodes reach it, unique."),
                may("ssh", new One("ssh"), "", "How swdt logs in, over spec.ssh."),
                may(
                        "connection",
                        new One("connection"),
                        "SSH",
                        "Another way than SSH to a virtual machine with Windows."),
                may(
                        "labels",
                        new TextMap(LABEL_KEY, LABEL_VALUE),
                        "",
                        "Labels of the Node object."),
                may("taints", new TextList(TAINT), "", "Taints of the Node object."));
    }

    private Table() {}

    /** The spec of the whole file. */
    static Spec root() {
        return spec("file");
    }

    /** The spec of that name. */
    static Spec spec(String name) {
        return Objects.requireNonNull(SPECS.get(name), name);
    }

    /** All specs, the whole file's first. */
    static List<Spec> specs() {
        return List.copyOf(SPECS.values());
    }

    private static void login(String name, String doc, boolean jump) {
        List<Field> fields = new ArrayList<>();
        fields.add(
                jump
                        ? must(
                                "host",
                                HOST,
                                "Name or address to connect to, also an alias of ~/.ssh/config.")
                        : may(
                                "host",
                                HOST,
                                "the node's address",
                                "Name or address to connect to, also an alias of ~/.ssh/config."));
        fields.add(may("user", USER, "as ~/.ssh/config or OpenSSH has it", "Login name."));
        fields.add(
                may(
                        "port",
                        new Whole(1, 65535),
                        "as ~/.ssh/config or OpenSSH has it",
                        "TCP port."));
        fields.add(may("keyFile", PATH, "as ~/.ssh/config or OpenSSH has it", "Private key."));
        fields.add(may("passphrase", new Hidden(), "", "Passphrase of the private key."));
        fields.add(may("password", new Hidden(), "", "Login password."));
        fields.add(may("sudoPassword", new Hidden(), "", "Password for sudo."));
        fields.add(may("agent", new Flag(), "true", "Whether keys of the SSH agent are offered."));
        fields.add(
                may(
                        "hostKey",
                        HOST_KEY,
                        "known_hosts",
                        "The host's public key or its fingerprint."));
        fields.add(may("jump", new One("jump"), "", "A host on the way, logged into first."));
        put(new Spec(name, doc, List.copyOf(fields), List.of(), Map.of()));
    }

    private static void add(String name, String doc, Field... fields) {
        Map<String, String> needs =
                name.equals("kubernetes") ? Map.of("source", "version") : Map.of();
        put(new Spec(name, doc, List.of(fields), List.of(), needs));
    }

    private static void put(Spec spec) {
        SPECS.put(spec.name(), spec);
    }

    private static Map<String, String> sorted(String a, String needsA, String b, String needsB) {
        Map<String, String> map = new LinkedHashMap<>();
        map.put(a, needsA);
        map.put(b, needsB);
        return map;
    }

    private static Field must(String key, Kind kind, String doc) {
        return new Field(key, kind, true, "", doc);
    }

    private static Field may(String key, Kind kind, String byDefault, String doc) {
        return new Field(key, kind, false, byDefault, doc);
    }
}
