package io.k8s.sigs.swdt.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The cluster file for hosts of the lab, with the ordinary settings that such hosts need. What
 * these are is said in {@code lab/cluster.yaml} alone; the demo uses the same.
 *
 * @param lab whose hosts they are
 * @param name the cluster's name
 * @param kubernetes version, or empty for the newest that the mirror holds
 * @param user who logs in
 */
public record LabClusterFile(Lab lab, String name, String kubernetes, String user) {

    /** A cluster of the mirror's newest Kubernetes, made as root. */
    public LabClusterFile(Lab lab, String name) {
        this(lab, name, "", "root");
    }

    /** The same with another version. */
    public LabClusterFile withKubernetes(String version) {
        return new LabClusterFile(lab, name, version, user);
    }

    /** The same with another login. */
    public LabClusterFile withUser(String login) {
        return new LabClusterFile(lab, name, kubernetes, login);
    }

    /**
     * The file's text.
     *
     * @param hosts the first one becomes the control plane, the others workers
     */
    public String text(List<LabHost> hosts) {
        List<String> command = new ArrayList<>(List.of("cluster-file", "--name", name));
        command.addAll(List.of("--kubernetes", kubernetes, "--user", user));
        hosts.forEach(host -> command.add(host.name()));
        Commands.Result result = lab.run().lab("", command);
        if (result.exit() != 0) {
            throw Commands.failed(command, result.exit(), result.stderr());
        }
        return result.stdout();
    }

    /**
     * Writes the file as {@code NAME.yaml}.
     *
     * @return where it is
     */
    public Path write(Path folder, List<LabHost> hosts) {
        try {
            return Files.writeString(folder.resolve(name + ".yaml"), text(hosts));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
