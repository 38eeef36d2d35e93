package io.k8s.sigs.swdt.artifact;

import io.k8s.sigs.swdt.value.Sha256;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Artifacts on this machine: from a mirror's folder in place, else from a cache by checksum.
 * Thread-safe; several processes may share a cache.
 */
public final class ArtifactStore {

    private final Path cache;
    private final @Nullable Mirror mirror;
    private final HashCache hashes;
    private final Downloads downloads = new Downloads();
    private final Map<Sha256, Object> busy = new ConcurrentHashMap<>();

    private ArtifactStore(Path cache, @Nullable Mirror mirror, HashCache hashes) {
        this.cache = cache;
        this.mirror = mirror;
        this.hashes = hashes;
    }

    /**
     * @param cache folder, made if needed
     * @param mirror folder, tar file or URL, or null for the publishers' servers
     * @throws ArtifactException if the mirror is none
     */
    public static ArtifactStore open(Path cache, @Nullable String mirror) throws ArtifactException {
        try {
            return new ArtifactStore(
                    cache,
                    mirror == null ? null : Mirror.open(mirror),
                    new HashCache(cache.resolve("hashes")));
        } catch (ArtifactException e) {
            throw e;
        } catch (IOException e) {
            throw new ArtifactException(
                    "the cache " + cache + " cannot be used: " + e.getMessage(),
                    "make it writable",
                    e);
        }
    }

    /**
     * The file with exactly the artifact's bytes.
     *
     * @param progress name and bytes received so far, where something is fetched
     * @throws ArtifactException if it cannot be had, or has another checksum
     */
    public Path fetch(Artifact artifact, BiConsumer<String, Long> progress)
            throws ArtifactException {
        synchronized (busy.computeIfAbsent(artifact.sha256(), _ -> new Object())) {
            try {
                return fetchLocked(artifact, progress);
            } catch (ArtifactException e) {
                throw e;
            } catch (IOException e) {
                throw new ArtifactException(
                        artifact + " cannot be stored in " + cache + ": " + e.getMessage(),
                        "make room, or make it writable",
                        e);
            }
        }
    }

    private Path fetchLocked(Artifact artifact, BiConsumer<String, Long> progress)
            throws IOException {
        String address = address(artifact);
        if (address.startsWith("file:")) {
            Path file = Path.of(java.net.URI.create(address));
            if (!Files.isRegularFile(file)) {
                throw missing(artifact, address);
            }
            verify(artifact, hashes.of(file), address);
            return file;
        }
        Path file =
                cache.resolve("sha256")
                        .resolve(artifact.sha256().hex())
                        .resolve(artifact.fileName());
        if (isWhole(file, artifact)) {
            return file;
        }
        Files.createDirectories(file.getParent());
        Path lock = file.resolveSibling(".lock");
        try (FileChannel channel =
                        FileChannel.open(
                                lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock _ = channel.lock()) {
            if (isWhole(file, artifact)) { // another process was faster
                return file;
            }
            Path part = file.resolveSibling(".part");
            if (!downloads.fetch(address, part, n -> progress.accept(artifact.toString(), n))) {
                throw missing(artifact, address);
            }
            Sha256 found = Sha256.of(part);
            if (!found.equals(artifact.sha256())) {
                Files.delete(part);
            }
            verify(artifact, found, address);
            Files.move(
                    part,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            Files.deleteIfExists(Downloads.tag(part));
            return file;
        }
    }

    // a cache is trusted as far as its bytes are what they are called; one read a file and change
    private boolean isWhole(Path file, Artifact artifact) throws IOException {
        return Files.isRegularFile(file) && hashes.of(file).equals(artifact.sha256());
    }

    /**
     * Fetches a file of unknown checksum into the cache.
     *
     * @return its checksum; empty if there is no such file
     */
    Optional<Sha256> take(String address, String fileName) throws IOException {
        Path folder = Files.createDirectories(cache.resolve("sha256"));
        Path part = Files.createTempFile(folder, "taken", ".part");
        try {
            if (!downloads.fetch(address, part, _ -> {})) {
                return Optional.empty();
            }
            Sha256 sha = Sha256.of(part);
            Path file = folder.resolve(sha.hex()).resolve(fileName);
            Files.createDirectories(file.getParent());
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
            return Optional.of(sha);
        } finally {
            Files.deleteIfExists(part);
            Files.deleteIfExists(Downloads.tag(part));
        }
    }

    private String address(Artifact artifact) throws IOException {
        String url = artifact.url();
        if (mirror == null || url.startsWith("file:") || url.startsWith("tar:")) {
            return url;
        }
        String key = url.startsWith("image:") ? url.substring(6) : Mirror.key(url);
        Optional<String> place = mirror.locate(key);
        return place.orElseThrow(() -> missing(artifact, "the mirror's " + key));
    }

    /** The mirror, if one is used. */
    @Nullable Mirror mirror() {
        return mirror;
    }

    Downloads downloads() {
        return downloads;
    }

    HashCache hashes() {
        return hashes;
    }

    private static ArtifactException missing(Artifact artifact, String where) {
        return new ArtifactException(
                artifact + " is not at " + where,
                "look whether this version exists, or whether the mirror is complete",
                null);
    }

    private static void verify(Artifact artifact, Sha256 found, String address)
            throws ArtifactException {
        if (!found.equals(artifact.sha256())) {
            throw new ArtifactException(
                    artifact
                            + " has the sha256 "
                            + found
                            + " at "
                            + address
                            + ", expected "
                            + artifact.sha256(),
                    "if it was published anew, delete its entry in the lock file; else do not use it",
                    null);
        }
    }
}
