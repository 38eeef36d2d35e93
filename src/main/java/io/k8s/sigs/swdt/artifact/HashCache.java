package io.k8s.sigs.swdt.artifact;

import io.k8s.sigs.swdt.value.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Hashes of files that were hashed before, by path, size and time of change, so that a mirror of a
 * gigabyte is read once only. Thread-safe within a process; lines are appended whole.
 */
final class HashCache {

    private static final Pattern LINE = Pattern.compile("([0-9a-f]{64}) (.+)");

    private final Path file;
    private final Map<String, Sha256> hashes = new HashMap<>();

    HashCache(Path file) throws IOException {
        this.file = file;
        if (Files.isReadable(file)) {
            for (String line :
                    new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList()) {
                Matcher known = LINE.matcher(line);
                if (known.matches()) { // a line that was cut off is none
                    hashes.put(known.group(2), new Sha256(known.group(1)));
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
        Sha256 known;
        synchronized (this) {
            known = hashes.get(key);
        }
        if (known != null) {
            return known;
        }
        Sha256 sha = read(path);
        synchronized (this) {
            hashes.put(key, sha);
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(
                    file,
                    sha.hex() + " " + key + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        }
        return sha;
    }

    private static Sha256 read(Path path) throws ArtifactException {
        try {
            return Sha256.of(path);
        } catch (UncheckedIOException e) {
            throw new ArtifactException(
                    path + " cannot be read: " + e.getCause(), "make it readable for this user", e);
        }
    }
}
