package io.k8s.sigs.swdt.connection;

import io.k8s.sigs.swdt.value.Sha256;
import java.security.PublicKey;
import java.util.Base64;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.jspecify.annotations.Nullable;

/**
 * A host's public key.
 *
 * @param type e.g. {@code ssh-ed25519}
 * @param base64 the key in SSH's wire format
 */
record HostKey(String type, String base64) {

    static HostKey of(PublicKey key) {
        String[] words = PublicKeyEntry.toString(key).split(" ", -1);
        return new HostKey(words[0], words[1]);
    }

    /**
     * @param text type and base64, a comment may follow
     * @return null if it is anything else
     */
    static @Nullable HostKey parse(String text) {
        String[] words = text.strip().split("\\s+", -1);
        if (words.length < 2) {
            return null;
        }
        try {
            byte[] bytes = Base64.getDecoder().decode(words[1]);
            return bytes.length == 0 ? null : new HostKey(words[0], words[1]);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** As {@code ssh-keygen -l} shows it: {@code SHA256:...}. */
    String fingerprint() {
        byte[] digest = Sha256.digest().digest(Base64.getDecoder().decode(base64));
        return "SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(digest);
    }

    /** As known_hosts and {@code hostKey} in a cluster file have it. */
    @Override
    public String toString() {
        return type + " " + base64;
    }
}
