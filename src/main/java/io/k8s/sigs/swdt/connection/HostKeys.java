package io.k8s.sigs.swdt.connection;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import org.apache.sshd.client.config.hosts.KnownHostEntry;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.PublicKeyEntryResolver;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a host is the one that it should be: pinned in the cluster file, known from the
 * user's known_hosts or ours, or new. Strict; thread-safe.
 */
public final class HostKeys {

    private final Path users;
    private final Path ours;
    private final NewKey policy;

    /** What to do with a key of a host that nobody knows yet. */
    public interface NewKey {

        /**
         * @param host as it will be written into known_hosts
         * @param fingerprint {@code SHA256:...}
         * @return whether to trust it from now on
         */
        boolean accept(String host, String fingerprint);
    }

    /**
     * @param users the user's known_hosts; read only
     * @param ours known_hosts in the cluster's state folder; accepted keys are added to it
     */
    public HostKeys(Path users, Path ours, NewKey policy) {
        this.users = users;
        this.ours = ours;
        this.policy = policy;
    }

    /** Key types that are known for a host, to be asked for first; empty where none is. */
    synchronized List<String> knownTypes(Login login) {
        List<String> types = new ArrayList<>();
        for (Known known : known(login)) {
            types.add(KeyUtils.getKeyType(known.key));
        }
        return types;
    }

    /**
     * @return null if the key is right, else why it is refused
     */
    synchronized @Nullable ConnectException refusal(Login login, PublicKey key) {
        String fingerprint = KeyUtils.getFingerPrint(key);
        String pinned = login.hostKey();
        if (pinned != null) {
            boolean right =
                    pinned.startsWith("SHA256:")
                            ? pinned.equals(fingerprint)
                            : PublicKeyEntry.toString(key).startsWith(firstTwoWords(pinned));
            return right
                    ? null
                    : new ConnectException(
                            ConnectException.Kind.HOST_KEY,
                            login.where()
                                    + " shows the host key "
                                    + fingerprint
                                    + ", not the one that hostKey in the cluster file names",
                            "if the host was set up anew, put its new key into the file; else somebody may be listening in",
                            null);
        }
        List<Known> known = known(login);
        if (known.stream().anyMatch(k -> KeyUtils.compareKeys(k.key, key))) {
            return null;
        }
        String type = KeyUtils.getKeyType(key);
        for (Known other : known) {
            if (KeyUtils.getKeyType(other.key).equals(type)) {
                return new ConnectException(
                        ConnectException.Kind.HOST_KEY,
                        login.knownAs()
                                + " shows the host key "
                                + fingerprint
                                + "; "
                                + other.file
                                + " line "
                                + other.line
                                + " has "
                                + KeyUtils.getFingerPrint(other.key),
                        "if the host was set up anew: ssh-keygen -R '"
                                + login.knownAs()
                                + "' -f "
                                + other.file
                                + "; else somebody may be listening in",
                        null);
            }
        }
        if (!policy.accept(login.knownAs(), fingerprint)) {
            return new ConnectException(
                    ConnectException.Kind.HOST_KEY,
                    "the host key of " + login.knownAs() + " is not known (" + fingerprint + ")",
                    "compare it on the host (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then run again with --accept-new-host-keys, or set hostKey: in the cluster file",
                    null);
        }
        try {
            Files.createDirectories(ours.toAbsolutePath().getParent());
            Files.writeString(
                    ours,
                    login.knownAs() + " " + PublicKeyEntry.toString(key) + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
            return null;
        } catch (IOException e) {
            return new ConnectException(
                    ConnectException.Kind.HOST_KEY,
                    "the key of "
                            + login.knownAs()
                            + " could not be remembered in "
                            + ours
                            + ": "
                            + e.getMessage(),
                    "make the folder writable",
                    e);
        }
    }

    private static String firstTwoWords(String line) {
        String[] words = line.strip().split("\\s+", -1);
        return words.length < 2 ? line : words[0] + " " + words[1];
    }

    private List<Known> known(Login login) {
        List<Known> found = new ArrayList<>();
        for (Path file : List.of(ours, users)) {
            if (!Files.isReadable(file)) {
                continue;
            }
            List<String> lines = lines(file);
            for (int i = 0; i < lines.size(); i++) {
                add(found, file, i + 1, lines.get(i), login);
            }
        }
        return found;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            // a file that is no text names no host
            return List.of();
        }
    }

    private static void add(List<Known> found, Path file, int number, String line, Login login) {
        try {
            KnownHostEntry entry = KnownHostEntry.parseKnownHostEntry(line);
            if (entry == null
                    || "revoked".equals(entry.getMarker())
                    || !entry.isHostMatch(login.name(), login.port())) {
                return;
            }
            PublicKey key =
                    entry.getKeyEntry().resolvePublicKey(null, PublicKeyEntryResolver.IGNORING);
            if (key != null) {
                found.add(new Known(file, number, key));
            }
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            // a line that OpenSSH would skip too
            return;
        }
    }

    private record Known(Path file, int line, PublicKey key) {}
}
