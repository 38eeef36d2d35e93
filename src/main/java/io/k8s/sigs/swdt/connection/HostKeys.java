package io.k8s.sigs.swdt.connection;

import io.k8s.sigs.swdt.connection.ConnectException.Kind;
import io.k8s.sigs.swdt.connection.KnownHosts.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

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
         * Called on the thread that connects, one key at a time, while no connection is open: a
         * person may take time to answer.
         *
         * @param host as it will be written into known_hosts
         * @param fingerprint {@code SHA256:...}
         * @return whether to trust it from now on
         */
        boolean accept(String host, String fingerprint);
    }

    /** What is known about a key that a host shows. */
    sealed interface Verdict {

        /** It is the right one. */
        record Trusted() implements Verdict {}

        /** Nobody knows the host. */
        record Unknown(HostKey key) implements Verdict {}

        /** The host is known by another key, or this key is revoked. */
        record Refused(ConnectException why) implements Verdict {}
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
    List<String> knownTypes(Login login) {
        String pinned = login.hostKey();
        if (pinned == null) {
            return known(login).stream()
                    .filter(e -> !e.revoked())
                    .map(e -> e.key().type())
                    .toList();
        }
        HostKey key = HostKey.parse(pinned);
        return key == null ? List.of() : List.of(key.type());
    }

    /** What is known about the key that a host shows. */
    Verdict judge(Login login, HostKey shown) {
        String pinned = login.hostKey();
        if (pinned != null) {
            HostKey key = HostKey.parse(pinned);
            boolean right = key == null ? pinned.equals(shown.fingerprint()) : key.equals(shown);
            return right ? new Verdict.Trusted() : new Verdict.Refused(notPinned(login, shown));
        }
        List<Entry> known = known(login);
        for (Entry entry : known) {
            if (entry.revoked() && entry.key().equals(shown)) {
                return new Verdict.Refused(revoked(login, shown, entry));
            }
        }
        List<Entry> valid = known.stream().filter(e -> !e.revoked()).toList();
        if (valid.stream().anyMatch(e -> e.key().equals(shown))) {
            return new Verdict.Trusted();
        }
        if (valid.isEmpty()) {
            return new Verdict.Unknown(shown);
        }
        // also where only another type of key is known: it was asked for, and not shown
        Entry other =
                valid.stream()
                        .filter(e -> e.key().type().equals(shown.type()))
                        .findFirst()
                        .orElse(valid.getFirst());
        return new Verdict.Refused(changed(login, shown, other));
    }

    /**
     * Asks the policy about a key of an unknown host, and remembers it.
     *
     * @throws ConnectException if it is not accepted, or cannot be remembered
     */
    synchronized void learn(Login login, HostKey shown) throws ConnectException {
        switch (judge(login, shown)) {
            case Verdict.Trusted() -> {
                // another thread asked meanwhile
            }
            case Verdict.Refused(ConnectException why) -> throw why;
            case Verdict.Unknown(HostKey key) -> {
                if (!policy.accept(login.knownAs(), key.fingerprint())) {
                    throw unknown(login, key);
                }
                remember(login, key);
            }
        }
    }

    private void remember(Login login, HostKey key) throws ConnectException {
        try {
            Path folder = ours.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            Files.writeString(
                    ours,
                    login.knownAs() + " " + key + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new ConnectException(
                    Kind.HOST_KEY,
                    String.format(
                            "the key of %s could not be remembered in %s: %s",
                            login.knownAs(), ours, e.getMessage()),
                    "make the folder writable",
                    e);
        }
    }

    private List<Entry> known(Login login) {
        List<Entry> found = new ArrayList<>(KnownHosts.entries(ours, login.knownAs()));
        found.addAll(KnownHosts.entries(users, login.knownAs()));
        return found;
    }

    private static ConnectException notPinned(Login login, HostKey shown) {
        return new ConnectException(
                Kind.HOST_KEY,
                String.format(
                        "%s shows the host key %s (%s), not the one that hostKey in the cluster file names",
                        login.where(), shown.fingerprint(), shown.type()),
                "if the host was set up anew, put its new key into the file; else somebody may be listening in",
                null);
    }

    private static ConnectException revoked(Login login, HostKey shown, Entry entry) {
        return new ConnectException(
                Kind.HOST_KEY,
                String.format(
                        "%s shows the host key %s, which %s line %d marks as revoked",
                        login.where(), shown.fingerprint(), entry.file(), entry.line()),
                "give the host a new key, and find out who has the old one",
                null);
    }

    private static ConnectException changed(Login login, HostKey shown, Entry other) {
        return new ConnectException(
                Kind.HOST_KEY,
                String.format(
                        "%s shows the host key %s (%s); %s line %d knows it by %s (%s)",
                        login.where(),
                        shown.fingerprint(),
                        shown.type(),
                        other.file(),
                        other.line(),
                        other.key().fingerprint(),
                        other.key().type()),
                String.format(
                        "if the host was set up anew: ssh-keygen -R '%s' -f '%s'; else somebody may be listening in",
                        login.knownAs(), other.file()),
                null);
    }

    private static ConnectException unknown(Login login, HostKey key) {
        return new ConnectException(
                Kind.HOST_KEY,
                String.format(
                        "the host key of %s is not known (%s, %s)",
                        login.knownAs(), key.fingerprint(), key.type()),
                "compare it on the host (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then run again with --accept-new-host-keys, or set hostKey: in the cluster file",
                null);
    }
}
