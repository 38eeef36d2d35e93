package io.k8s.sigs.swdt.artifact;

import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.value.Version;
import java.util.ArrayList;
import java.util.List;

/**
 * Which files the nodes of a cluster need and where their publishers serve them. Pure. Addresses
 * and checksum files as the publishers have them: kubernetes.io "Install and configure
 * prerequisites", containerd docs/getting-started.md, the release pages of the others.
 */
public final class Catalog {

    private static final String GITHUB = "https://github.com/";

    // the version that goes with flannel 0.28 (its manifest's flannel-cni-plugin image)
    private static final String FLANNEL_CNI = "1.9.1-flannel3";
    private static final String CHOCOLATEY = "2.6.0";

    private Catalog() {}

    /**
     * @param platform {@code linux/amd64}, {@code linux/arm64} or {@code windows/amd64}
     */
    static List<Wanted> files(Cluster cluster, String platform) {
        return platform.startsWith("windows/")
                ? windowsFiles(cluster, platform)
                : linuxFiles(cluster, platform);
    }

    private static List<Wanted> linuxFiles(Cluster cluster, String platform) {
        List<Wanted> files = new ArrayList<>();
        for (String name : List.of("kubelet", "kubeadm", "kubectl")) {
            files.add(kubernetes(cluster, platform, name));
        }
        files.add(containerd(cluster, platform, "containerd"));
        String runc = cluster.runtime().runcVersion().toString();
        String base = GITHUB + "opencontainers/runc/releases/download/v" + runc + "/runc.";
        files.add(new Wanted("runc", runc, platform, base + arch(platform), base + "sha256sum"));
        files.add(crictl(cluster, platform, "crictl"));
        files.add(cniPlugins(cluster, platform, "cni-plugins"));
        return files;
    }

    // under names of their own: what a user gives for one operating system is not for the other
    private static List<Wanted> windowsFiles(Cluster cluster, String platform) {
        List<Wanted> files = new ArrayList<>();
        for (String name :
                List.of(
                        "kubelet.exe",
                        "kubeadm.exe",
                        "kubectl.exe",
                        "kube-proxy.exe",
                        "kube-log-runner.exe")) {
            files.add(kubernetes(cluster, platform, name));
        }
        files.add(containerd(cluster, platform, "containerd-windows"));
        files.add(crictl(cluster, platform, "crictl-windows"));
        files.add(cniPlugins(cluster, platform, "cni-plugins-windows"));
        // flannel's publisher serves no checksums of these
        String flannel = cluster.network().version().toString();
        files.add(
                new Wanted(
                        "flanneld.exe",
                        flannel,
                        platform,
                        GITHUB
                                + "flannel-io/flannel/releases/download/v"
                                + flannel
                                + "/flanneld.exe",
                        null));
        files.add(
                new Wanted(
                        "flannel.exe",
                        FLANNEL_CNI,
                        platform,
                        GITHUB
                                + "flannel-io/cni-plugin/releases/download/v"
                                + FLANNEL_CNI
                                + "/flannel-amd64.exe",
                        null));
        // neither does Chocolatey's
        if (!cluster.windows().chocolatey().isEmpty()) {
            files.add(
                    new Wanted(
                            "chocolatey",
                            CHOCOLATEY,
                            platform,
                            "https://community.chocolatey.org/api/v2/package/chocolatey/"
                                    + CHOCOLATEY,
                            null));
        }
        return files;
    }

    private static String arch(String platform) {
        return platform.substring(platform.indexOf('/') + 1);
    }

    private static String dashed(String platform) {
        return platform.replace('/', '-');
    }

    private static Wanted kubernetes(Cluster cluster, String platform, String name) {
        String version = cluster.kubernetes().version().toString();
        String url = "https://dl.k8s.io/release/v" + version + "/bin/" + platform + "/" + name;
        return new Wanted(name, version, platform, url, url + ".sha256");
    }

    private static Wanted containerd(Cluster cluster, String platform, String name) {
        String version = cluster.runtime().version().toString();
        String url =
                GITHUB
                        + "containerd/containerd/releases/download/v"
                        + version
                        + "/containerd-"
                        + version
                        + "-"
                        + dashed(platform)
                        + ".tar.gz";
        return new Wanted(name, version, platform, url, url + ".sha256sum");
    }

    private static Wanted crictl(Cluster cluster, String platform, String name) {
        String version = cluster.runtime().crictlVersion().toString();
        String url =
                GITHUB
                        + "kubernetes-sigs/cri-tools/releases/download/v"
                        + version
                        + "/crictl-v"
                        + version
                        + "-"
                        + dashed(platform)
                        + ".tar.gz";
        return new Wanted(name, version, platform, url, url + ".sha256");
    }

    private static Wanted cniPlugins(Cluster cluster, String platform, String name) {
        String version = cluster.network().cniPluginsVersion().toString();
        String url =
                GITHUB
                        + "containernetworking/plugins/releases/download/v"
                        + version
                        + "/cni-plugins-"
                        + dashed(platform)
                        + "-v"
                        + version
                        + ".tgz";
        return new Wanted(name, version, platform, url, url + ".sha256");
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
