package io.k8s.sigs.swdt.connection;

import io.k8s.sigs.swdt.value.Secret;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.config.keys.FilePasswordProvider;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.jspecify.annotations.Nullable;

/**
 * Private keys from files. Each is decrypted once: the passphrase of an OpenSSH key is made
 * expensive to try (bcrypt), and many hosts share a key. Thread-safe.
 */
final class KeyRing {

    private static final String MAGIC = "openssh-key-v1\0";

    private final Map<Source, List<KeyPair>> loaded = new ConcurrentHashMap<>();

    private record Source(Path file, @Nullable Secret passphrase) {}

    /** A key file cannot be used; the message says why, without naming the file. */
    static final class UnusableKeyException extends Exception {

        private static final long serialVersionUID = 1L;

        private final boolean wantsPassphrase;

        UnusableKeyException(String message, boolean wantsPassphrase, @Nullable Throwable cause) {
            super(message, cause);
            this.wantsPassphrase = wantsPassphrase;
        }

        /** Whether the right passphrase would help; then an agent may have the key too. */
        boolean wantsPassphrase() {
            return wantsPassphrase;
        }
    }

    /**
     * @param passphrase or null; not used where the key has none
     */
    List<KeyPair> load(Path file, @Nullable Secret passphrase) throws UnusableKeyException {
        Source source = new Source(file, passphrase);
        List<KeyPair> known = loaded.get(source);
        if (known == null) {
            known = read(file, passphrase);
            loaded.put(source, known);
        }
        return known;
    }

    private static List<KeyPair> read(Path file, @Nullable Secret passphrase)
            throws UnusableKeyException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new UnusableKeyException("it does not exist", false, e);
        } catch (IOException e) {
            throw new UnusableKeyException("it cannot be read: " + e.getMessage(), false, e);
        }
        boolean[] asked = new boolean[1];
        FilePasswordProvider provider =
                (_, _, _) -> {
                    asked[0] = true;
                    return passphrase == null ? null : passphrase.reveal();
                };
        List<KeyPair> pairs = new ArrayList<>();
        try {
            Iterable<KeyPair> found =
                    SecurityUtils.loadKeyPairIdentities(
                            null,
                            NamedResource.ofName(file.toString()),
                            new ByteArrayInputStream(bytes),
                            provider);
            if (found != null) {
                found.forEach(pairs::add);
            }
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            if (asked[0]) {
                throw new UnusableKeyException(
                        passphrase == null ? "it has a passphrase" : "its passphrase is another",
                        true,
                        e);
            }
            throw new UnusableKeyException("it is damaged: " + e.getMessage(), false, e);
        }
        if (pairs.isEmpty()) {
            throw new UnusableKeyException("it is no private key", false, null);
        }
        return List.copyOf(pairs);
    }

    /**
     * The public half, from the {@code .pub} file or from the key itself; null if neither has it.
     */
    static @Nullable HostKey publicHalf(Path file) {
        try {
            Path pub = file.resolveSibling(file.getFileName() + ".pub");
            if (Files.isReadable(pub)) {
                return HostKey.parse(Files.readString(pub));
            }
            return fromPrivate(Files.readString(file, StandardCharsets.ISO_8859_1));
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            return null;
        }
    }

    // OpenSSH's PROTOCOL.key: the public half is never encrypted
    private static @Nullable HostKey fromPrivate(String pem)
            throws IOException, GeneralSecurityException {
        String base64 = pem.replaceAll("-----[^-]*-----", "");
        byte[] bytes = Base64.getMimeDecoder().decode(base64);
        if (!new String(bytes, StandardCharsets.ISO_8859_1).startsWith(MAGIC)) {
            return null;
        }
        ByteArrayBuffer buffer =
                new ByteArrayBuffer(bytes, MAGIC.length(), bytes.length - MAGIC.length());
        for (String skipped : List.of("cipher", "kdf", "kdf options")) {
            if (buffer.getBytes().length > bytes.length) {
                throw new IOException(skipped + " is longer than the file");
            }
        }
        buffer.getInt();
        PublicKey key = new ByteArrayBuffer(buffer.getBytes()).getRawPublicKey();
        return HostKey.of(key);
    }
}
