package io.k8s.sigs.swdt.connection;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Reads known_hosts files; format: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". */
final class KnownHosts {

    private KnownHosts() {}

    /**
     * A key that is known for a host.
     *
     * @param file where it stands
     * @param line counted from 1
     * @param key its type and its bytes in base64, as {@link HostKey} writes it
     * @param revoked whether it must never be trusted again
     */
    record Entry(Path file, int line, HostKey key, boolean revoked) {}

    /**
     * @param file need not exist; lines that say nothing to us are skipped, as OpenSSH does
     * @param knownAs {@code host} or {@code [host]:port}
     */
    static List<Entry> entries(Path file, String knownAs) {
        List<Entry> found = new ArrayList<>();
        List<String> lines;
        try {
            lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return found;
        }
        for (int i = 0; i < lines.size(); i++) {
            Entry entry = entry(file, i + 1, lines.get(i), knownAs);
            if (entry != null) {
                found.add(entry);
            }
        }
        return found;
    }

    private static @Nullable Entry entry(Path file, int number, String line, String knownAs) {
        List<String> words = List.of(line.strip().split("\\s+", -1));
        boolean revoked = words.getFirst().equals("@revoked");
        int first = revoked ? 1 : 0;
        // a certificate authority signs keys, it is none
        if (words.size() < first + 3
                || words.getFirst().startsWith("#")
                || words.getFirst().equals("@cert-authority")
                || !names(words.get(first), knownAs)) {
            return null;
        }
        HostKey key = HostKey.parse(words.get(first + 1) + " " + words.get(first + 2));
        return key == null ? null : new Entry(file, number, key, revoked);
    }

    private static boolean names(String hosts, String knownAs) {
        if (!hosts.startsWith("|1|")) {
            return Globs.anyOf(List.of(hosts.split(",", -1)), knownAs);
        }
        String[] parts = hosts.split("\\|", -1);
        if (parts.length != 4) {
            return false;
        }
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(Base64.getDecoder().decode(parts[2]), "HmacSHA1"));
            return MessageDigest.isEqual(
                    mac.doFinal(knownAs.getBytes(StandardCharsets.UTF_8)),
                    Base64.getDecoder().decode(parts[3]));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false;
        }
    }
}
