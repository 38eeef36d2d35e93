package io.k8s.sigs.swdt.recipe;

import io.k8s.sigs.swdt.artifact.Artifact;
import io.k8s.sigs.swdt.plan.Change;
import io.k8s.sigs.swdt.value.Merge;
import io.k8s.sigs.swdt.value.Ordered;
import io.k8s.sigs.swdt.value.Yaml;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * containerd 2.x, runc, CNI plugins and crictl from their publishers' archives, with a unit and a
 * configuration of our own. Source: containerd docs/getting-started.md, docs/cri/config.md.
 */
public final class ContainerdRuntime implements Recipe {

    /** Where containerd answers on Linux. */
    public static final String SOCKET = "unix:///run/containerd/containerd.sock";

    private static final String UNIT =
            """
            [Unit]
            Description=containerd container runtime
            Documentation=https://containerd.io
            After=network.target dbus.service

            [Service]
            ExecStart=/usr/local/bin/containerd
            Type=notify
            Delegate=yes
            KillMode=process
            Restart=always
            RestartSec=5
            LimitNPROC=infinity
            LimitCORE=infinity
            TasksMax=infinity
            OOMScoreAdjust=-999

            [Install]
            WantedBy=multi-user.target
            """;

    private final String pause;

    /**
     * @param pause reference of the sandbox image
     */
    public ContainerdRuntime(String pause) {
        this.pause = pause;
    }

    @Override
    public List<Change> changes(Context context) {
        String platform = context.facts().platform();
        Artifact containerd = context.artifacts().file("containerd", platform);
        Artifact runc = context.artifacts().file("runc", platform);
        Artifact cni = context.artifacts().file("cni-plugins", platform);
        String config = config(context);
        List<Change> changes = new ArrayList<>();
        changes.add(new Change.TextFile("/etc/containerd/config.toml", "0644", config));
        changes.add(new Change.TextFile("/etc/systemd/system/containerd.service", "0644", UNIT));
        changes.add(
                new Change.TextFile(
                        "/etc/crictl.yaml", "0644", "runtime-endpoint: " + SOCKET + "\n"));
        changes.add(new Change.Program("/usr/local/sbin/runc", "0755", runc));
        changes.add(new Change.Archive("/usr/local/bin", "bin", containerd));
        changes.add(
                new Change.Containerd(
                        config + UNIT + containerd.sha256().hex() + runc.sha256().hex()));
        changes.add(new Change.Archive("/opt/cni/bin", ".", cni));
        return changes;
    }

    /** crictl, which nothing but people asks for. */
    Change crictl(Context context) {
        return new Change.Archive(
                "/usr/local/bin",
                ".",
                context.artifacts().file("crictl", context.facts().platform()));
    }

    // the version-3 form is read by all of containerd 2.x (its RELEASES.md); pause is set here
    // only, kubelet passes it no more
    private String config(Context context) {
        Map<String, Object> config =
                Merge.deep(
                        Yaml.map(
                                """
                                version: 3
                                plugins:
                                  io.containerd.cri.v1.images:
                                    registry: {config_path: /etc/containerd/certs.d}
                                  io.containerd.cri.v1.runtime:
                                    cni: {bin_dirs: [/opt/cni/bin], conf_dir: /etc/cni/net.d}
                                    containerd:
                                      runtimes:
                                        runc:
                                          runtime_type: io.containerd.runc.v2
                                          options: {SystemdCgroup: true}
                                """),
                        Ordered.map(
                                "plugins",
                                Ordered.map(
                                        "io.containerd.cri.v1.images",
                                        Ordered.map(
                                                "pinned_images", Ordered.map("sandbox", pause)))));
        return "# made by swdt\n"
                + Toml.write(
                        Merge.deep(
                                new LinkedHashMap<>(config), context.cluster().runtime().config()));
    }
}
