package io.k8s.sigs.swdt.artifact;

import io.k8s.sigs.swdt.value.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/**
 * Hashes of files that were hashed before, by path, size and time of change, so that a mirror of a
 * gigabyte is read once only. Thread-safe within a process; lines are appended whole.
 */
final class HashCache {

    private final Path file;
    private final Map<String, String> hashes = new HashMap<>();

    HashCache(Path file) throws IOException {
        this.file = file;
        if (Files.isReadable(file)) {
            for (String line : Files.readAllLines(file)) {
                if (line.length() > 65 && line.charAt(64) == ' ') {
                    hashes.put(line.substring(65), line.substring(0, 64));
                }
            }
        }
    }

    Sha256 of(Path path) throws IOException {
        String key =
                Files.size(path)
                        + " "
                        + Files.getLastModifiedTime(path).toMillis()
                        + " "
                        + path.toAbsolutePath();
        String known;
        synchronized (this) {
            known = hashes.get(key);
        }
        if (known != null) {
            return new Sha256(known);
        }
        Sha256 sha = Sha256.of(path);
        synchronized (this) {
            hashes.put(key, sha.hex());
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(
                    file,
                    sha.hex() + " " + key + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        }
        return sha;
    }
}
