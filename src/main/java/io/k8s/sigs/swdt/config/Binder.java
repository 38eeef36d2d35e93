package io.k8s.sigs.swdt.config;

import io.k8s.sigs.swdt.value.Cidr;
import io.k8s.sigs.swdt.value.Secret;
import io.k8s.sigs.swdt.value.Sha256;
import io.k8s.sigs.swdt.value.Target;
import io.k8s.sigs.swdt.value.Version;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Turns a checked tree with its defaults into records. */
final class Binder {

    private final Secrets secrets;

    Binder(Secrets secrets) {
        this.secrets = secrets;
    }

    Cluster cluster(Map<String, @Nullable Object> tree) {
        Map<String, @Nullable Object> spec = Tree.map(tree, "spec");
        Map<String, @Nullable Object> ssh = Tree.map(spec, "ssh");
        List<Cluster.Node> nodes = new ArrayList<>();
        for (Map<String, @Nullable Object> node : Tree.maps(spec, "nodes")) {
            nodes.add(node(node, ssh));
        }
        return new Cluster(
                Tree.text(Tree.map(tree, "metadata"), "name"),
                kubernetes(Tree.map(spec, "kubernetes")),
                runtime(Tree.map(spec, "runtime")),
                network(Tree.map(spec, "network")),
                windows(Tree.map(spec, "windows")),
                artifacts(Tree.map(spec, "artifacts")),
                nodes);
    }

    private Cluster.Kubernetes kubernetes(Map<String, @Nullable Object> tree) {
        return new Cluster.Kubernetes(
                version(tree, "version"),
                tree.containsKey("source") ? source(Tree.map(tree, "source")) : null,
                Target.parse(Tree.text(tree, "controlPlaneEndpoint")),
                free(tree, "initConfiguration"),
                free(tree, "clusterConfiguration"),
                free(tree, "joinConfiguration"),
                free(tree, "kubeletConfiguration"),
                free(tree, "kubeProxyConfiguration"),
                Tree.texts(tree, "ignorePreflightErrors"));
    }

    private static Cluster.ContainerRuntime runtime(Map<String, @Nullable Object> tree) {
        return new Cluster.ContainerRuntime(
                Tree.text(tree, "name"),
                version(tree, "version"),
                version(tree, "runcVersion"),
                version(tree, "crictlVersion"),
                free(tree, "config"));
    }

    private static Cluster.Network network(Map<String, @Nullable Object> tree) {
        return new Cluster.Network(
                Tree.text(tree, "name"),
                version(tree, "version"),
                "host-gw".equals(Tree.textOrNull(tree, "backend")),
                version(tree, "cniPluginsVersion"),
                Cidr.parse(Tree.text(tree, "podSubnet")),
                Cidr.parse(Tree.text(tree, "serviceSubnet")));
    }

    private static Cluster.Windows windows(Map<String, @Nullable Object> tree) {
        return new Cluster.Windows(
                "off".equals(Tree.textOrNull(tree, "firewall")),
                !Boolean.FALSE.equals(tree.get("automaticUpdates")),
                Boolean.TRUE.equals(tree.get("rdp")),
                Boolean.TRUE.equals(tree.get("rename")),
                Boolean.TRUE.equals(tree.get("hyperV")),
                Tree.texts(Tree.map(tree, "packages"), "chocolatey"),
                Boolean.TRUE.equals(tree.get("removeFeatures")),
                free(tree, "containerdConfig"));
    }

    private Cluster.Artifacts artifacts(Map<String, @Nullable Object> tree) {
        String mirror = Tree.textOrNull(tree, "mirror");
        boolean local = mirror != null && !mirror.matches("https?://.*");
        Map<String, Cluster.Source> sources = new LinkedHashMap<>();
        Map<String, @Nullable Object> given = Tree.map(tree, "sources");
        given.keySet().forEach(name -> sources.put(name, source(Tree.map(given, name))));
        return new Cluster.Artifacts(
                local ? secrets.path(Objects.requireNonNull(mirror)).toString() : mirror, sources);
    }

    private Cluster.Source source(Map<String, @Nullable Object> tree) {
        String path = Tree.textOrNull(tree, "path");
        if (path != null) {
            return new Cluster.Source.OfPath(secrets.path(path));
        }
        String sum = Tree.textOrNull(tree, "sha256");
        return new Cluster.Source.OfUrl(
                Tree.text(tree, "url"), sum == null ? null : new Sha256(sum));
    }

    private Cluster.Node node(
            Map<String, @Nullable Object> tree, Map<String, @Nullable Object> sshOfAll) {
        Map<String, @Nullable Object> ssh = new LinkedHashMap<>(sshOfAll);
        ssh.putAll(Tree.map(tree, "ssh"));
        Map<String, String> labels = new LinkedHashMap<>();
        Map<String, @Nullable Object> given = Tree.map(tree, "labels");
        given.keySet().forEach(key -> labels.put(key, Tree.text(given, key)));
        return new Cluster.Node(
                Tree.text(tree, "name"),
                Tree.text(tree, "role").equals("worker")
                        ? Cluster.Role.WORKER
                        : Cluster.Role.CONTROL_PLANE,
                Tree.text(tree, "os").equals("windows") ? Cluster.Os.WINDOWS : Cluster.Os.LINUX,
                Tree.text(tree, "address"),
                ssh(ssh),
                tree.containsKey("connection") ? direct(tree) : null,
                labels,
                Tree.texts(tree, "taints"));
    }

    private Cluster.Direct direct(Map<String, @Nullable Object> node) {
        Map<String, @Nullable Object> connection = Tree.map(node, "connection");
        Map<String, @Nullable Object> tree = Tree.map(connection, "powershellDirect");
        String vm = Tree.textOrNull(tree, "vm");
        String user = Tree.textOrNull(tree, "user");
        return new Cluster.Direct(
                vm == null ? Tree.text(node, "name") : vm,
                user == null ? "Administrator" : user,
                secrets.read(Tree.map(tree, "password")),
                connection.containsKey("fallback"));
    }

    private Cluster.Ssh ssh(Map<String, @Nullable Object> tree) {
        String keyFile = Tree.textOrNull(tree, "keyFile");
        return new Cluster.Ssh(
                Tree.textOrNull(tree, "host"),
                Tree.textOrNull(tree, "user"),
                (Integer) tree.get("port"),
                keyFile == null ? null : secrets.path(keyFile),
                secret(tree, "passphrase"),
                secret(tree, "password"),
                secret(tree, "sudoPassword"),
                !Boolean.FALSE.equals(tree.get("agent")),
                Tree.textOrNull(tree, "hostKey"),
                tree.containsKey("jump") ? ssh(Tree.map(tree, "jump")) : null);
    }

    private @Nullable Secret secret(Map<String, @Nullable Object> tree, String key) {
        return tree.containsKey(key) ? secrets.read(Tree.map(tree, key)) : null;
    }

    private static Version version(Map<String, @Nullable Object> tree, String key) {
        return Version.parse(Tree.text(tree, key));
    }

    /** May hold nulls at any depth: they remove a key when it is merged. */
    @SuppressWarnings({"unchecked", "NullAway"}) // the record's type has no word for such nulls
    private static Map<String, Object> free(Map<String, @Nullable Object> tree, String key) {
        return (Map<String, Object>)
                (Map<String, ?>) Collections.unmodifiableMap(Tree.map(tree, key));
    }
}
