package io.k8s.sigs.swdt.recipe;

import io.k8s.sigs.swdt.connection.RemoteCommand;
import java.util.ArrayList;
import java.util.List;

/**
 * Questions to a cluster, asked on its control plane. By full paths: sudo's own PATH may be short.
 */
public final class Kubectl {

    private static final String KUBECTL =
            "/usr/local/bin/kubectl --kubeconfig /etc/kubernetes/admin.conf"
                    + " --cache-dir /var/lib/swdt/cache ";

    private Kubectl() {}

    /** All nodes as JSON. */
    public static RemoteCommand nodes() {
        return new RemoteCommand("exec " + KUBECTL + "get nodes -o json", List.of(), "");
    }

    /** All pods as JSON. */
    public static RemoteCommand pods() {
        return new RemoteCommand("exec " + KUBECTL + "get pods -A -o json", List.of(), "");
    }

    /** The administrator's kubeconfig: a secret. */
    public static RemoteCommand kubeconfig() {
        return new RemoteCommand("exec cat /etc/kubernetes/admin.conf", List.of(), "");
    }

    /**
     * A token of a service account, for a year: a secret.
     *
     * @param account {@code NAMESPACE/NAME}
     */
    public static RemoteCommand token(String account) {
        return new RemoteCommand(
                "exec " + KUBECTL + "-n ${1%/*} create token ${1#*/} --duration=8760h",
                List.of(account),
                "");
    }

    /** Waits until these nodes are Ready and CoreDNS serves; fails after some seconds. */
    public static RemoteCommand awaitReady(List<String> nodes, long seconds) {
        List<String> arguments = new ArrayList<>(List.of(seconds + "s"));
        nodes.forEach(n -> arguments.add("node/" + n));
        return new RemoteCommand(
                "t=$1; shift; "
                        + KUBECTL
                        + "wait --for=condition=Ready --timeout=$t $@ && exec "
                        + KUBECTL
                        + "-n kube-system rollout status deploy/coredns --timeout=$t",
                arguments,
                "");
    }
}
