package io.k8s.sigs.swdt.recipe;

import io.k8s.sigs.swdt.artifact.Artifact;
import io.k8s.sigs.swdt.plan.Change;
import io.k8s.sigs.swdt.plan.WindowsChange;
import io.k8s.sigs.swdt.value.Merge;
import io.k8s.sigs.swdt.value.Ordered;
import io.k8s.sigs.swdt.value.Yaml;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * containerd 2.x on Windows with a configuration of our own. Source: containerd
 * docs/getting-started.md, cmd/containerd/command/service_windows.go.
 */
final class WindowsContainerd {

    /** Where it is installed. */
    static final String FOLDER = "C:\\Program Files\\containerd";

    // the first with a manifest for Windows Server 2025 (k/k#136960)
    private static final String PAUSE = "registry.k8s.io/pause:3.10.2";
    private static final String LOGS = "C:\\var\\log\\containerd";

    private WindowsContainerd() {}

    static List<Change> changes(Context context) {
        Artifact containerd = WindowsNode.artifact(context, "containerd-windows");
        String config = config(context);
        List<Change> changes = new ArrayList<>();
        changes.add(new Change.Archive(FOLDER, "bin", containerd));
        changes.add(new Change.TextFile(FOLDER + "\\config.toml", "0644", config));
        // as containerd's own --register-service makes it
        changes.add(
                new WindowsChange.Service(
                        "containerd",
                        "\""
                                + FOLDER
                                + "\\containerd.exe\" --run-service --log-file "
                                + LOGS
                                + "\\containerd.log",
                        List.of(),
                        true,
                        List.of(FOLDER + "\\ctr.exe", "--connect-timeout", "2s", "version"),
                        LOGS + "\\containerd.log",
                        List.of(
                                FOLDER + "\\containerd.exe",
                                FOLDER + "\\containerd-shim-runhcs-v1.exe"),
                        // it makes the last one as it starts
                        List.of(LOGS, "C:\\ProgramData\\containerd", "C:\\etc\\cni\\net.d"),
                        config + containerd.sha256().hex()));
        return changes;
    }

    private static String config(Context context) {
        Map<String, Object> config =
                Merge.deep(
                        Yaml.map(
                                """
                                version: 3
                                root: 'C:\\ProgramData\\containerd\\root'
                                state: 'C:\\ProgramData\\containerd\\state'
                                grpc: {address: '\\\\.\\pipe\\containerd-containerd'}
                                plugins:
                                  io.containerd.cri.v1.runtime:
                                    cni: {bin_dirs: ['C:/opt/cni/bin'], conf_dir: 'C:/etc/cni/net.d'}
                                """),
                        Ordered.map(
                                "plugins",
                                Ordered.map(
                                        "io.containerd.cri.v1.images",
                                        Ordered.map(
                                                "pinned_images", Ordered.map("sandbox", PAUSE)))));
        return "# made by swdt\n"
                + Toml.write(Merge.deep(config, context.cluster().windows().containerdConfig()));
    }
}
