package io.k8s.sigs.swdt.config;

import io.k8s.sigs.swdt.value.Cidr;
import io.k8s.sigs.swdt.value.Secret;
import io.k8s.sigs.swdt.value.Sha256;
import io.k8s.sigs.swdt.value.Target;
import io.k8s.sigs.swdt.value.Version;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A cluster file after loading: checked, with defaults filled in. Immutable.
 *
 * @param name the cluster's name, a DNS label
 * @param kubernetes what of Kubernetes is installed and how it is configured
 * @param runtime the container runtime
 * @param network pod network and subnets
 * @param windows what is done on Windows hosts
 * @param artifacts where files come from
 * @param nodes at least one, exactly one of them the control plane
 */
public record Cluster(
        String name,
        Kubernetes kubernetes,
        ContainerRuntime runtime,
        Network network,
        Windows windows,
        Artifacts artifacts,
        List<Node> nodes) {

    public Cluster {
        nodes = List.copyOf(nodes);
    }

    /** The control plane node. */
    public Node controlPlane() {
        return nodes.stream().filter(n -> n.role() == Role.CONTROL_PLANE).findFirst().orElseThrow();
    }

    /** All nodes but the control plane, in the file's order. */
    public List<Node> workers() {
        return nodes.stream().filter(n -> n.role() == Role.WORKER).toList();
    }

    /** Whether any node runs Windows; the pod network's parameters depend on it. */
    public boolean hasWindows() {
        return nodes.stream().anyMatch(n -> n.os() == Os.WINDOWS);
    }

    /** What a node does in the cluster. */
    public enum Role {
        CONTROL_PLANE,
        WORKER
    }

    /** Operating system of a node. */
    public enum Os {
        LINUX,
        WINDOWS
    }

    /**
     * @param version Kubernetes version of all nodes
     * @param source own build of kubelet, kubeadm and kubectl, or null for the release
     * @param controlPlaneEndpoint {@code name:port} under which nodes reach the API server; by
     *     default the control plane node's name and 6443, put into every hosts file
     * @param initConfiguration merged into kubeadm's InitConfiguration (v1beta4)
     * @param clusterConfiguration merged into kubeadm's ClusterConfiguration (v1beta4)
     * @param joinConfiguration merged into kubeadm's JoinConfiguration (v1beta4)
     * @param kubeletConfiguration merged into KubeletConfiguration (v1beta1)
     * @param kubeProxyConfiguration merged into KubeProxyConfiguration (v1alpha1)
     * @param ignorePreflightErrors names of kubeadm's preflight checks whose errors are accepted
     */
    public record Kubernetes(
            Version version,
            @Nullable Source source,
            Target controlPlaneEndpoint,
            Map<String, Object> initConfiguration,
            Map<String, Object> clusterConfiguration,
            Map<String, Object> joinConfiguration,
            Map<String, Object> kubeletConfiguration,
            Map<String, Object> kubeProxyConfiguration,
            List<String> ignorePreflightErrors) {

        public Kubernetes {
            ignorePreflightErrors = List.copyOf(ignorePreflightErrors);
        }

        /**
         * Whether the kubelet starts with swap on: {@code failSwapOn: false} in its configuration.
         */
        public boolean swapAllowed() {
            return Boolean.FALSE.equals(kubeletConfiguration.get("failSwapOn"));
        }

        /** Whether the file accepts cgroup v1: {@code failCgroupV1: false} (KEP-5573). */
        public boolean cgroupV1Allowed() {
            return Boolean.FALSE.equals(kubeletConfiguration.get("failCgroupV1"));
        }
    }

    /**
     * @param name {@code containerd}
     * @param version containerd's version
     * @param runcVersion runc's version
     * @param crictlVersion crictl's version
     * @param config merged into containerd's configuration (TOML tables as maps)
     */
    public record ContainerRuntime(
            String name,
            Version version,
            Version runcVersion,
            Version crictlVersion,
            Map<String, Object> config) {}

    /**
     * @param name {@code flannel}
     * @param version flannel's version
     * @param hostGateway whether hosts are each other's gateways (flannel's host-gw), which all
     *     must be in one network segment for; else VXLAN
     * @param cniPluginsVersion version of the reference CNI plugins
     * @param podSubnet addresses of pods
     * @param serviceSubnet addresses of services
     */
    public record Network(
            String name,
            Version version,
            boolean hostGateway,
            Version cniPluginsVersion,
            Cidr podSubnet,
            Cidr serviceSubnet) {}

    /**
     * What is done on Windows hosts.
     *
     * @param firewallOff whether the firewall is switched off; else rules let in what nodes need
     * @param automaticUpdates whether Windows may install updates, and restart, by itself
     * @param rdp whether Remote Desktop is switched on
     * @param rename whether a host gets its node's name as its computer name
     * @param hyperV whether the feature Hyper-V is installed
     * @param chocolatey names of packages that Chocolatey installs
     * @param removeFeatures whether features that swdt installed go when a host is given back
     * @param containerdConfig merged into containerd's configuration (TOML tables as maps)
     */
    public record Windows(
            boolean firewallOff,
            boolean automaticUpdates,
            boolean rdp,
            boolean rename,
            boolean hyperV,
            List<String> chocolatey,
            boolean removeFeatures,
            Map<String, Object> containerdConfig) {

        public Windows {
            chocolatey = List.copyOf(chocolatey);
        }
    }

    /**
     * @param mirror folder, tar file or URL that replaces the publishers' servers, or null
     * @param sources own source by artifact name, e.g. {@code kubelet}
     */
    public record Artifacts(@Nullable String mirror, Map<String, Source> sources) {

        public Artifacts {
            sources = Map.copyOf(sources);
        }
    }

    /** Where an artifact comes from when not from its publisher's release. */
    public sealed interface Source {

        /**
         * A file, or for {@code kubernetes.source} a folder with the binaries.
         *
         * @param path absolute; relative ones in the file are resolved against its folder
         */
        record OfPath(Path path) implements Source {}

        /**
         * A download.
         *
         * @param url http or https; for {@code kubernetes.source} the folder's address
         * @param sha256 the checksum that the file must have; null only for a folder's address,
         *     where the checksum file beside each binary is used
         */
        record OfUrl(String url, @Nullable Sha256 sha256) implements Source {}
    }

    /**
     * @param name node name, a DNS label, unique
     * @param role what it does
     * @param os its operating system
     * @param address IPv4 address by which the other nodes reach it; also where swdt connects
     *     unless {@code ssh.host} says otherwise
     * @param ssh how swdt logs in
     * @param direct the other way there, or null
     * @param labels added to the Node object
     * @param taints added to the Node object, e.g. {@code gpu=yes:NoSchedule}
     */
    public record Node(
            String name,
            Role role,
            Os os,
            String address,
            Ssh ssh,
            @Nullable Direct direct,
            Map<String, String> labels,
            List<String> taints) {

        public Node {
            labels = Map.copyOf(labels);
            taints = List.copyOf(taints);
        }
    }

    /**
     * PowerShell Direct: from the Hyper-V host into a virtual machine with Windows, without a
     * network.
     *
     * @param vm the machine's name in Hyper-V
     * @param user login name, a member of Administrators
     * @param password login password
     * @param afterSsh whether SSH comes first, and this where SSH is refused; else there is no SSH
     */
    public record Direct(String vm, String user, Secret password, boolean afterSsh) {}

    /**
     * How to log in; the node's own settings over those of {@code spec.ssh}. What is null is left
     * to {@code ~/.ssh/config} and then to the defaults of OpenSSH.
     *
     * @param host name or address to connect to, also an alias of {@code ~/.ssh/config}; null: the
     *     node's address
     * @param user login name, or null
     * @param port TCP port, or null
     * @param keyFile private key, or null
     * @param passphrase of the private key, or null
     * @param password login password, or null
     * @param sudoPassword password for {@code sudo}, or null where sudo asks for none
     * @param useAgent whether keys of the SSH agent are offered
     * @param hostKey the host's public key as in known_hosts ({@code ssh-ed25519 AAAA...}) or its
     *     fingerprint ({@code SHA256:...}), or null
     * @param jump a host on the way, logged into first, or null
     */
    public record Ssh(
            @Nullable String host,
            @Nullable String user,
            @Nullable Integer port,
            @Nullable Path keyFile,
            @Nullable Secret passphrase,
            @Nullable Secret password,
            @Nullable Secret sudoPassword,
            boolean useAgent,
            @Nullable String hostKey,
            @Nullable Ssh jump) {}
}
