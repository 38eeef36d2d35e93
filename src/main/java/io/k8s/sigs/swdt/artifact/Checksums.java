package io.k8s.sigs.swdt.artifact;

import io.k8s.sigs.swdt.value.Sha256;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads checksum files as publishers really write them: a bare hash with or without a line feed
 * (dl.k8s.io, crictl), {@code HASH FILE} lines (containerd, CNI plugins), the same in a PGP frame
 * (runc).
 */
final class Checksums {

    private static final Pattern HASH = Pattern.compile("[0-9a-fA-F]{64}");

    private Checksums() {}

    /** The hash that the text gives for a file, if it gives one. */
    static Optional<Sha256> find(String text, String fileName) {
        List<String> lines = text.lines().map(String::strip).filter(l -> !l.isEmpty()).toList();
        if (lines.size() == 1 && HASH.matcher(lines.getFirst()).matches()) {
            return Optional.of(sha(lines.getFirst()));
        }
        for (String line : lines) {
            String[] words = line.split("\\s+", 2);
            if (words.length == 2 && HASH.matcher(words[0]).matches()) {
                String name = words[1].startsWith("*") ? words[1].substring(1) : words[1];
                if (name.substring(name.lastIndexOf('/') + 1).equals(fileName)) {
                    return Optional.of(sha(words[0]));
                }
            }
        }
        return Optional.empty();
    }

    private static Sha256 sha(String hex) {
        return new Sha256(hex.toLowerCase(Locale.ROOT));
    }
}
