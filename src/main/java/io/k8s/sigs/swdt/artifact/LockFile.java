package io.k8s.sigs.swdt.artifact;

import io.k8s.sigs.swdt.value.Sha256;
import io.k8s.sigs.swdt.value.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a cluster was made from: name, version, platform, url, sha256 of each file, beside the
 * cluster file. Later runs take exactly those bytes. An entry that no longer fits what is wanted is
 * replaced.
 */
final class LockFile {

    private final Path file;
    private final Map<String, Artifact> entries = new TreeMap<>();
    private String written = "";

    private LockFile(Path file) {
        this.file = file;
    }

    /**
     * @throws ArtifactException if the file is there and no lock file
     */
    static LockFile read(Path file) throws ArtifactException {
        LockFile lock = new LockFile(file);
        if (!Files.exists(file)) {
            return lock;
        }
        try {
            lock.written = Files.readString(file);
            Object artifacts = Yaml.map(lock.written).get("artifacts");
            for (Object item : artifacts instanceof List<?> list ? list : List.of()) {
                if (!(item instanceof Map<?, ?> entry)) {
                    throw new IllegalArgumentException("an entry of artifacts is no map");
                }
                Map<String, Object> map = Yaml.map(entry);
                lock.put(
                        new Artifact(
                                text(map, "name"),
                                text(map, "version"),
                                text(map, "platform"),
                                text(map, "url"),
                                new Sha256(text(map, "sha256"))));
            }
        } catch (IOException | IllegalArgumentException | ClassCastException e) {
            throw new ArtifactException(
                    "the lock file " + file + " cannot be read: " + e.getMessage(),
                    "delete it: it is then made anew from the publishers' checksums",
                    e);
        }
        return lock;
    }

    private static String text(Map<String, Object> map, String key) {
        return String.valueOf(map.getOrDefault(key, ""));
    }

    Optional<Sha256> pinned(Wanted wanted) {
        return Optional.ofNullable(entries.get(wanted.name() + " " + wanted.platform()))
                .filter(a -> a.version().equals(wanted.version()) && a.url().equals(wanted.url()))
                .map(Artifact::sha256);
    }

    void put(Artifact artifact) {
        entries.put(artifact.name() + " " + artifact.platform(), artifact);
    }

    /** Writes it if it has changed. */
    void write() throws ArtifactException {
        List<Map<String, Object>> list = new ArrayList<>();
        for (Artifact artifact : entries.values()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("name", artifact.name());
            entry.put("version", artifact.version());
            entry.put("platform", artifact.platform());
            entry.put("url", artifact.url());
            entry.put("sha256", artifact.sha256().hex());
            list.add(entry);
        }
        String text =
                "# Made by swdt: later runs take exactly these bytes. Delete it to take the publishers' again.\n"
                        + Yaml.write(Map.of("artifacts", list));
        if (text.equals(written)) {
            return;
        }
        try {
            Path aside = file.resolveSibling("." + file.getFileName() + ".new");
            Files.writeString(aside, text);
            Files.move(
                    aside,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            written = text;
        } catch (IOException e) {
            throw new ArtifactException(
                    "the lock file " + file + " cannot be written: " + e.getMessage(),
                    "make its folder writable",
                    e);
        }
    }
}
