package io.k8s.sigs.swdt.plan;

import io.k8s.sigs.swdt.artifact.Artifact;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One reversible piece of desired state on a host. Data only: it never knows how a host is reached,
 * and never holds a secret.
 */
public sealed interface Change
        permits Change.TextFile,
                Change.FileBlock,
                Change.Program,
                Change.Archive,
                Change.KernelModule,
                Change.Sysctl,
                Change.SwapOff,
                Change.Packages,
                Change.Service,
                Change.Containerd,
                Change.ContainerImage,
                Change.PodTraces,
                Change.KubeadmInit,
                Change.KubeadmJoin,
                Change.Token,
                Change.TokenGone,
                Change.Manifest,
                WindowsChange {

    /**
     * Stable and fit for people, e.g. {@code sysctl net.ipv4.ip_forward}: the key of the journal,
     * the plan and the progress view.
     */
    String key();

    /** The file that must have been uploaded before the change can be made, if it needs one. */
    default Optional<Artifact> upload() {
        return Optional.empty();
    }

    /**
     * The service account, {@code NAMESPACE/NAME}, whose token the change needs, if it needs one.
     */
    default Optional<String> tokenOf() {
        return Optional.empty();
    }

    /** Whether something that runs is stopped or started anew by it. */
    default boolean interrupts() {
        return false;
    }

    /**
     * A file with this text.
     *
     * @param path absolute
     * @param mode octal, e.g. {@code 0644}
     * @param text the whole content
     */
    record TextFile(String path, String mode, String text) implements Change {

        @Override
        public String key() {
            return "file " + path;
        }
    }

    /**
     * Lines between two markers in a file that is the system's or the user's.
     *
     * @param path absolute
     * @param name names the markers, e.g. {@code swdt my-awesome-cluster}
     * @param text the lines between them, without a final line feed
     */
    record FileBlock(String path, String name, String text) implements Change {

        @Override
        public String key() {
            return "block " + path;
        }
    }

    /**
     * An uploaded file at a path.
     *
     * @param mode octal, e.g. {@code 0755}
     */
    record Program(String path, String mode, Artifact artifact) implements Change {

        @Override
        public String key() {
            return "program " + path;
        }

        @Override
        public Optional<Artifact> upload() {
            return Optional.of(artifact);
        }
    }

    /**
     * The files of an uploaded tar.gz below a folder.
     *
     * @param folder where they go; what was there under the same names is kept in the journal
     * @param from the folder inside the archive whose content is taken, {@code .} for all
     */
    record Archive(String folder, String from, Artifact artifact) implements Change {

        @Override
        public String key() {
            return "archive " + artifact.name() + " in " + folder;
        }

        @Override
        public Optional<Artifact> upload() {
            return Optional.of(artifact);
        }
    }

    /** A module of the kernel, loaded now; see {@link TextFile} for the next boot. */
    record KernelModule(String name) implements Change {

        @Override
        public String key() {
            return "module " + name;
        }
    }

    /** A setting of the running kernel. */
    record Sysctl(String name, String value) implements Change {

        @Override
        public String key() {
            return "sysctl " + name;
        }
    }

    /** No swap, now and at the next boot: fstab, systemd swap units, zram. */
    record SwapOff() implements Change {

        @Override
        public String key() {
            return "swap off";
        }
    }

    /** Packages of the distribution, with what they need. */
    record Packages(List<String> names) implements Change {

        public Packages {
            names = List.copyOf(names);
        }

        @Override
        public String key() {
            return "packages " + String.join(" ", names);
        }
    }

    /**
     * A service that starts at boot.
     *
     * @param name systemd unit without {@code .service}
     * @param start whether it is started now; false where something else does that
     * @param basis whatever must lead to a restart when it differs, e.g. the text of its
     *     configuration
     */
    record Service(String name, boolean start, String basis) implements Change {

        @Override
        public String key() {
            return "service " + name;
        }

        @Override
        public boolean interrupts() {
            return start;
        }
    }

    /**
     * containerd's service, and all that it keeps on the host.
     *
     * @param basis as in {@link Service}
     */
    record Containerd(String basis) implements Change {

        @Override
        public String key() {
            return "service containerd";
        }

        @Override
        public boolean interrupts() {
            return true;
        }
    }

    /**
     * An image in containerd's store.
     *
     * @param reference e.g. {@code registry.k8s.io/pause:3.10.2}
     * @param archive OCI archive that holds it
     */
    record ContainerImage(String reference, Artifact archive) implements Change {

        @Override
        public String key() {
            return "image " + reference;
        }

        @Override
        public Optional<Artifact> upload() {
            return Optional.of(archive);
        }
    }

    /**
     * What pods leave on a host: links, network namespaces, packet filter rules, files. Makes
     * nothing by itself; its entry in the journal says what was there before.
     */
    record PodTraces() implements Change {

        @Override
        public String key() {
            return "pod network";
        }
    }

    /**
     * {@code kubeadm init}. The bootstrap token of the run is added when the program is made.
     *
     * @param documents kubeadm's configuration: InitConfiguration, ClusterConfiguration,
     *     KubeletConfiguration, KubeProxyConfiguration
     */
    record KubeadmInit(List<Map<String, Object>> documents) implements Change {

        public KubeadmInit {
            documents = List.copyOf(documents);
        }

        @Override
        public String key() {
            return "kubeadm init";
        }
    }

    /**
     * {@code kubeadm join}. Token and CA hash are added when the program is made.
     *
     * @param document kubeadm's JoinConfiguration
     * @param endpoint {@code name:port} of the API server
     */
    record KubeadmJoin(Map<String, Object> document, String endpoint) implements Change {

        @Override
        public String key() {
            return "kubeadm join";
        }
    }

    /**
     * The run's bootstrap token exists in the cluster. Its life is short, its end {@link
     * TokenGone}.
     */
    record Token() implements Change {

        @Override
        public String key() {
            return "join token";
        }
    }

    /** The run's bootstrap token is deleted. */
    record TokenGone() implements Change {

        @Override
        public String key() {
            return "join token deleted";
        }
    }

    /**
     * Objects in the cluster.
     *
     * @param name for people, e.g. {@code flannel}
     * @param yaml what is applied
     */
    record Manifest(String name, String yaml) implements Change {

        @Override
        public String key() {
            return "manifest " + name;
        }
    }
}
