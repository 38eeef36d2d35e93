package io.k8s.sigs.swdt.artifact;

import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.config.Cluster.Source;
import io.k8s.sigs.swdt.value.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Pins what a cluster needs to bytes, before the plan is made. Used by one thread. */
public final class Resolver {

    /** What a folder of Kubernetes' own binaries holds, under these names. */
    private static final Set<String> OF_KUBERNETES =
            Set.of(
                    "kubelet",
                    "kubeadm",
                    "kubectl",
                    "kubelet.exe",
                    "kubeadm.exe",
                    "kubectl.exe",
                    "kube-proxy.exe",
                    "kube-log-runner.exe");

    private final ArtifactStore store;
    private final LockFile lock;

    private Resolver(ArtifactStore store, LockFile lock) {
        this.store = store;
        this.lock = lock;
    }

    /**
     * All files for nodes of these platforms, and the images that the mirror holds for them.
     *
     * @param lockFile beside the cluster file; read, and written where something was pinned anew
     * @param save whether the lock file is written; a dry run does not
     * @throws ArtifactException if a file or its checksum cannot be had
     */
    public static ArtifactSet resolve(
            Cluster cluster,
            ArtifactStore store,
            Path lockFile,
            boolean save,
            Collection<String> platforms)
            throws ArtifactException {
        Resolver resolver = new Resolver(store, LockFile.read(lockFile));
        try {
            ArtifactSet set = resolver.all(cluster, platforms);
            if (save) {
                resolver.lock.write();
            }
            return set;
        } catch (ArtifactException e) {
            throw e;
        } catch (IOException e) {
            throw new ArtifactException(
                    "artifacts cannot be read: " + e.getMessage(), "look at the mirror", e);
        }
    }

    private ArtifactSet all(Cluster cluster, Collection<String> platforms) throws IOException {
        Map<String, Artifact> files = new HashMap<>();
        Map<String, Artifact> images = new HashMap<>();
        List<Wanted> wanted = new ArrayList<>(List.of(Catalog.flannelManifest(cluster)));
        platforms.stream().distinct().forEach(p -> wanted.addAll(Catalog.files(cluster, p)));
        Artifact flannel = pin(wanted.getFirst(), source(cluster, wanted.getFirst().name()));
        files.put(flannel.name() + " " + flannel.platform(), flannel);
        for (Wanted w : wanted.subList(1, wanted.size())) {
            files.put(w.name() + " " + w.platform(), pin(w, source(cluster, w.name())));
        }
        if (store.mirror() != null) {
            String manifest = Files.readString(store.fetch(flannel, (_, _) -> {}));
            List<String> exact =
                    new ArrayList<>(Catalog.versionedImages(cluster.kubernetes().version()));
            exact.addAll(manifestImages(manifest));
            for (String platform : platforms.stream().distinct().toList()) {
                for (String reference : exact) {
                    image(reference, platform, false, images);
                }
                for (String reference : Catalog.companionImages(cluster.kubernetes().version())) {
                    image(reference, platform, true, images);
                }
            }
        }
        return new ArtifactSet(files, images);
    }

    /** The images that a manifest names with a tag, by which a mirror has them. */
    static List<String> manifestImages(String manifest) {
        return manifest.lines()
                .map(String::strip)
                .filter(l -> l.matches("(- )?image: .*"))
                .map(l -> l.replaceFirst("^(- )?image: *", "").replace("\"", ""))
                .filter(l -> l.matches("[^@\\s]+:[^/@\\s]+"))
                .distinct()
                .toList();
    }

    private static @Nullable Source source(Cluster cluster, String name) {
        Source own = cluster.artifacts().sources().get(name);
        if (own != null || !OF_KUBERNETES.contains(name)) {
            return own;
        }
        return switch (cluster.kubernetes().source()) {
            case null -> null;
            case Source.OfPath(var folder) -> new Source.OfPath(folder.resolve(name));
            case Source.OfUrl(var url, _) ->
                    new Source.OfUrl(url.replaceFirst("/+$", "") + "/" + name, null);
        };
    }

    private Artifact pin(Wanted wanted, @Nullable Source source) throws IOException {
        Artifact artifact =
                switch (source) {
                    case null -> release(wanted);
                    case Source.OfPath(var path) -> {
                        if (!Files.isRegularFile(path)) {
                            throw new ArtifactException(
                                    wanted.name() + ": there is no file " + path,
                                    "correct its source in the cluster file",
                                    null);
                        }
                        yield new Artifact(
                                wanted.name(),
                                wanted.version(),
                                wanted.platform(),
                                path.toUri().toString(),
                                store.hashes().of(path));
                    }
                    case Source.OfUrl(var url, var sha256) ->
                            new Artifact(
                                    wanted.name(),
                                    wanted.version(),
                                    wanted.platform(),
                                    url,
                                    sha256 != null
                                            ? sha256
                                            : published(wanted.name(), url, url + ".sha256"));
                };
        lock.put(artifact);
        return artifact;
    }

    private Artifact release(Wanted wanted) throws IOException {
        Optional<Sha256> pinned = lock.pinned(wanted);
        String checksumUrl = wanted.checksumUrl();
        Sha256 sha;
        if (pinned.isPresent()) {
            sha = pinned.get();
        } else if (checksumUrl != null) {
            sha = published(wanted.name(), wanted.url(), checksumUrl);
        } else {
            String address = address(wanted.url());
            sha =
                    store.take(address, wanted.fileName())
                            .orElseThrow(() ->
                                    new ArtifactException(
                                            wanted.name() + " is not at " + address,
                                            "look whether this version exists",
                                            null));
        }
        return new Artifact(wanted.name(), wanted.version(), wanted.platform(), wanted.url(), sha);
    }

    private Sha256 published(String name, String url, String checksumUrl) throws IOException {
        String fileName = url.substring(url.lastIndexOf('/') + 1);
        String address = address(checksumUrl);
        Optional<String> text = store.downloads().text(address);
        return text.flatMap(t -> Checksums.find(t, fileName))
                .orElseThrow(() ->
                        new ArtifactException(
                                name + ": no checksum for " + fileName + " at " + address,
                                "look whether this version exists; or give the file's sha256 in artifacts.sources",
                                null));
    }

    private String address(String url) throws IOException {
        Mirror mirror = store.mirror();
        if (mirror == null) {
            return url;
        }
        return mirror.locate(Mirror.key(url))
                .orElseThrow(() ->
                        new ArtifactException(
                                "the mirror does not hold " + Mirror.key(url),
                                "complete the mirror, or choose versions that it holds",
                                null));
    }

    /**
     * @param otherTag whether the mirror's newest will do where it has another tag only
     */
    private void image(
            String reference, String platform, boolean otherTag, Map<String, Artifact> images)
            throws IOException {
        Mirror mirror = store.mirror();
        if (mirror == null) {
            return;
        }
        String found = reference;
        Optional<String> place = mirror.locate(Mirror.imageKey(reference, platform));
        if (place.isEmpty()) {
            Optional<String> other =
                    otherTag ? newest(mirror, reference, platform) : Optional.empty();
            if (other.isEmpty()) {
                return;
            }
            found = other.get();
            place = mirror.locate(Mirror.imageKey(found, platform));
        }
        String key = Mirror.imageKey(found, platform);
        Wanted wanted =
                new Wanted(
                        found,
                        found.substring(found.lastIndexOf(':') + 1),
                        platform,
                        "image:" + key,
                        null);
        String address = place.orElseThrow();
        Optional<Sha256> sha = imageHash(wanted, address);
        if (sha.isEmpty()) {
            return;
        }
        Artifact artifact =
                new Artifact(found, wanted.version(), platform, wanted.url(), sha.get());
        images.put(found + " " + platform, artifact);
        if (address.startsWith("http")) {
            lock.put(artifact);
        }
    }

    /**
     * Images have no published checksum: what the mirror holds counts. A web server's is pinned by
     * the lock file, so that it is not downloaded only to be looked at.
     *
     * @return empty if the mirror does not hold it: then hosts pull it themselves
     */
    private Optional<Sha256> imageHash(Wanted wanted, String address) throws IOException {
        if (address.startsWith("file:")) {
            return Optional.of(store.hashes().of(Path.of(java.net.URI.create(address))));
        }
        Optional<Sha256> pinned =
                address.startsWith("http") ? lock.pinned(wanted) : Optional.empty();
        return pinned.isPresent() ? pinned : store.take(address, wanted.fileName());
    }

    private static Optional<String> newest(Mirror mirror, String reference, String platform)
            throws IOException {
        String repository = reference.substring(0, reference.lastIndexOf(':'));
        String suffix = "." + platform.replace('/', '-') + ".tar";
        return mirror.list("images/" + repository).stream()
                .filter(n -> n.endsWith(suffix))
                .map(n -> n.substring(0, n.length() - suffix.length()))
                .filter(t -> t.matches("v?\\d+(\\.\\d+)*(-\\d+)?"))
                .max(Comparator.comparing(Resolver::sortable))
                .map(t -> repository + ":" + t);
    }

    private static String sortable(String tag) {
        StringBuilder key = new StringBuilder();
        for (String number : tag.replaceFirst("^v", "").split("[.-]", -1)) {
            key.append("0".repeat(Math.max(0, 20 - number.length()))).append(number);
        }
        return key.toString();
    }
}
