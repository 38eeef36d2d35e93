package io.k8s.sigs.swdt.recipe;

import io.k8s.sigs.swdt.plan.Change;
import java.util.ArrayList;
import java.util.List;

/**
 * kubelet, kubeadm and kubectl, and the kubelet's unit as kubeadm expects it. Source: kubernetes.io
 * "Installing kubeadm" and "The kubelet drop-in file for systemd".
 */
public final class KubernetesPrograms implements Recipe {

    private static final String UNIT =
            """
            [Unit]
            Description=kubelet: the Kubernetes node agent
            Documentation=https://kubernetes.io/docs/
            Wants=network-online.target
            After=network-online.target containerd.service
            StartLimitIntervalSec=0

            [Service]
            Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
            Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
            EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
            EnvironmentFile=-/etc/default/kubelet
            ExecStart=/usr/local/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
            Restart=always
            RestartSec=1

            [Install]
            WantedBy=multi-user.target
            """;

    @Override
    public List<Change> changes(Context context) {
        List<Change> changes = new ArrayList<>();
        changes.add(program("kubelet", context));
        changes.add(program("kubeadm", context));
        changes.add(new Change.TextFile("/etc/systemd/system/kubelet.service", "0644", UNIT));
        // kubeadm starts it; until then it would only fail for want of a configuration
        changes.add(new Change.Service("kubelet", false, UNIT));
        return changes;
    }

    /** kubectl: for swdt on the control plane once there is one, elsewhere for people. */
    Change kubectl(Context context) {
        return program("kubectl", context);
    }

    private static Change program(String name, Context context) {
        return new Change.Program(
                "/usr/local/bin/" + name,
                "0755",
                context.artifacts().file(name, context.facts().platform()));
    }
}
