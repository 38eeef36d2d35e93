package io.k8s.sigs.swdt.connection;

import io.k8s.sigs.swdt.value.Secret;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to log in to one host, with nothing left open: the cluster file over {@code ~/.ssh/config}
 * over OpenSSH's defaults.
 *
 * @param knownAs by which known_hosts knows it, {@code host} or {@code [host]:port}: as configured,
 *     never a socket's address
 * @param host to connect to
 * @param port TCP port
 * @param user login name
 * @param keys private key files to try, in order
 * @param onlyKeys whether those are all; else the agent's other keys are tried too
 * @param passphrase of the keys, or null
 * @param password login password, or null
 * @param sudoPassword for sudo, or null
 * @param agent socket of the SSH agent, or null where none is to be asked
 * @param hostKey pinned public key or fingerprint, or null
 * @param jump logged into first, or null
 */
record Login(
        String knownAs,
        String host,
        int port,
        String user,
        List<Path> keys,
        boolean onlyKeys,
        @Nullable Secret passphrase,
        @Nullable Secret password,
        @Nullable Secret sudoPassword,
        @Nullable Path agent,
        @Nullable String hostKey,
        @Nullable Login jump) {

    Login {
        keys = List.copyOf(keys);
    }

    /** The same, reached through another host. */
    Login through(Login other) {
        return new Login(
                knownAs,
                host,
                port,
                user,
                keys,
                onlyKeys,
                passphrase,
                password,
                sudoPassword,
                agent,
                hostKey,
                other);
    }

    /** For messages: user, host, port where it is not 22, and the way there. */
    String where() {
        return user
                + "@"
                + host
                + (port == 22 ? "" : ":" + port)
                + (jump == null ? "" : " (through " + jump.where() + ")");
    }
}
