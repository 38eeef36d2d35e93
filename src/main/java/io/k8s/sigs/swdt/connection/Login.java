package io.k8s.sigs.swdt.connection;

import io.k8s.sigs.swdt.value.Secret;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to log in to one host, with nothing left open: the cluster file over {@code ~/.ssh/config}
 * over OpenSSH's defaults.
 *
 * @param name by which known_hosts knows it: as configured, never a socket's address
 * @param host to connect to
 * @param port TCP port
 * @param user login name
 * @param keys private key files to try, in order
 * @param passphrase of the keys, or null
 * @param password login password, or null
 * @param sudoPassword for sudo, or null
 * @param agent whether the SSH agent's keys are tried
 * @param hostKey pinned public key or fingerprint, or null
 * @param jump logged into first, or null
 */
record Login(
        String name,
        String host,
        int port,
        String user,
        List<Path> keys,
        @Nullable Secret passphrase,
        @Nullable Secret password,
        @Nullable Secret sudoPassword,
        boolean agent,
        @Nullable String hostKey,
        @Nullable Login jump) {

    Login {
        keys = List.copyOf(keys);
    }

    /** As known_hosts writes it: {@code host} or {@code [host]:port}. */
    String knownAs() {
        return port == 22 ? name : "[" + name + "]:" + port;
    }

    /** For messages. */
    String where() {
        return user + "@" + host + (port == 22 ? "" : ":" + port);
    }
}
