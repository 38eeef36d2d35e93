package io.k8s.sigs.swdt.artifact;

import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.value.Version;
import java.util.ArrayList;
import java.util.List;

/**
 * Which files a cluster of Linux nodes needs and where their publishers serve them. Pure. Addresses
 * and checksum files as the publishers have them: kubernetes.io "Install and configure
 * prerequisites", containerd docs/getting-started.md, the release pages of the others.
 */
public final class Catalog {

    private static final String GITHUB = "https://github.com/";

    private Catalog() {}

    /**
     * @param platform {@code linux/amd64} or {@code linux/arm64}
     */
    static List<Wanted> files(Cluster cluster, String platform) {
        String arch = platform.substring(platform.indexOf('/') + 1);
        List<Wanted> files = new ArrayList<>();
        String kubernetes = cluster.kubernetes().version().toString();
        for (String name : List.of("kubelet", "kubeadm", "kubectl")) {
            String url =
                    "https://dl.k8s.io/release/v" + kubernetes + "/bin/linux/" + arch + "/" + name;
            files.add(new Wanted(name, kubernetes, platform, url, url + ".sha256"));
        }
        String containerd = cluster.runtime().version().toString();
        String url =
                GITHUB
                        + "containerd/containerd/releases/download/v"
                        + containerd
                        + "/containerd-"
                        + containerd
                        + "-linux-"
                        + arch
                        + ".tar.gz";
        files.add(new Wanted("containerd", containerd, platform, url, url + ".sha256sum"));
        String runc = cluster.runtime().runcVersion().toString();
        String base = GITHUB + "opencontainers/runc/releases/download/v" + runc + "/runc.";
        files.add(new Wanted("runc", runc, platform, base + arch, base + "sha256sum"));
        String crictl = cluster.runtime().crictlVersion().toString();
        url =
                GITHUB
                        + "kubernetes-sigs/cri-tools/releases/download/v"
                        + crictl
                        + "/crictl-v"
                        + crictl
                        + "-linux-"
                        + arch
                        + ".tar.gz";
        files.add(new Wanted("crictl", crictl, platform, url, url + ".sha256"));
        String cni = cluster.network().cniPluginsVersion().toString();
        url =
                GITHUB
                        + "containernetworking/plugins/releases/download/v"
                        + cni
                        + "/cni-plugins-linux-"
                        + arch
                        + "-v"
                        + cni
                        + ".tgz";
        files.add(new Wanted("cni-plugins", cni, platform, url, url + ".sha256"));
        return files;
    }

    /** flannel's manifest, the same for all platforms. */
    static Wanted flannelManifest(Cluster cluster) {
        String version = cluster.network().version().toString();
        return new Wanted(
                "flannel-manifest",
                version,
                "any",
                GITHUB + "flannel-io/flannel/releases/download/v" + version + "/kube-flannel.yml",
                null);
    }

    /** Repositories of images whose tag is Kubernetes' own version. */
    static List<String> versionedImages(Version version) {
        return List.of(
                "registry.k8s.io/kube-apiserver:v" + version,
                "registry.k8s.io/kube-controller-manager:v" + version,
                "registry.k8s.io/kube-scheduler:v" + version,
                "registry.k8s.io/kube-proxy:v" + version);
    }

    /**
     * Images that kubeadm takes in a version of its own choice (k/k cmd/kubeadm/app/constants; read
     * in v1.36.4), and agnhost (test/images/agnhost/VERSION). Patch releases move these tags: where
     * a mirror has another one only, its newest is taken.
     */
    static List<String> companionImages(Version version) {
        return List.of(
                "registry.k8s.io/pause:3.10.2",
                "registry.k8s.io/etcd:"
                        + (version.atLeast(1, 37)
                                ? "3.7.0-0"
                                : version.atLeast(1, 36) ? "3.6.8-0" : "3.6.6-0"),
                "registry.k8s.io/coredns/coredns:"
                        + (version.atLeast(1, 37)
                                ? "v1.14.3"
                                : version.atLeast(1, 36) ? "v1.14.2" : "v1.13.1"),
                "registry.k8s.io/e2e-test-images/agnhost:2.63.0");
    }
}
