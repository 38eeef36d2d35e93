package io.k8s.sigs.swdt.connection;

import io.k8s.sigs.swdt.config.Cluster.Ssh;
import io.k8s.sigs.swdt.value.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.sshd.client.config.hosts.ConfigFileHostEntryResolver;
import org.apache.sshd.client.config.hosts.HostConfigEntry;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.jspecify.annotations.Nullable;

/** Makes {@link Login}s from the cluster file's settings and {@code ~/.ssh/config}. */
final class Logins {

    private static final int MAX_JUMPS = 8;

    private final Path home;
    private final String user;
    private final boolean agent;
    private final HostConfigEntryResolver config;

    /**
     * @param home the user's home folder
     * @param user name of the local user
     * @param environment of this process; {@code SSH_AUTH_SOCK} names the agent
     */
    Logins(Path home, String user, Map<String, String> environment) {
        this.home = home;
        this.user = user;
        this.agent = !environment.getOrDefault("SSH_AUTH_SOCK", "").isEmpty();
        Path file = home.resolve(".ssh/config");
        this.config =
                Files.isReadable(file)
                        ? new ConfigFileHostEntryResolver(file)
                        : HostConfigEntryResolver.EMPTY;
    }

    /**
     * @param address where to log in unless the settings name a host
     * @throws IOException if {@code ~/.ssh/config} cannot be read
     */
    Login of(Ssh ssh, String address) throws IOException {
        return of(ssh, address, 0);
    }

    private Login of(Ssh ssh, String address, int depth) throws IOException {
        if (depth > MAX_JUMPS) {
            throw new IOException("more than " + MAX_JUMPS + " jump hosts in a row");
        }
        String name = ssh.host() == null ? address : ssh.host();
        HostConfigEntry entry =
                config.resolveEffectiveHost(
                        name, ssh.port() == null ? 0 : ssh.port(), null, ssh.user(), null, null);
        String host = entry == null || isEmpty(entry.getHostName()) ? name : entry.getHostName();
        int port =
                ssh.port() != null
                        ? ssh.port()
                        : entry == null || entry.getPort() <= 0 ? 22 : entry.getPort();
        String login =
                ssh.user() != null
                        ? ssh.user()
                        : entry == null || isEmpty(entry.getUsername())
                                ? user
                                : entry.getUsername();
        boolean only = entry != null && entry.isIdentitiesOnly();
        List<Path> keys = keys(ssh, entry);
        Login jump = null;
        if (ssh.jump() != null) {
            jump = of(ssh.jump(), "", depth + 1);
        } else if (entry != null
                && !isEmpty(entry.getProxyJump())
                && !"none".equals(entry.getProxyJump())) {
            jump = proxyJump(entry.getProxyJump(), depth);
        }
        return new Login(
                name,
                host,
                port,
                login,
                keys,
                ssh.passphrase(),
                ssh.password(),
                ssh.sudoPassword(),
                agent && ssh.useAgent() && ssh.keyFile() == null && !only,
                ssh.hostKey(),
                jump);
    }

    // "a,b" means: through a to b, from there on
    private Login proxyJump(String text, int depth) throws IOException {
        int comma = text.lastIndexOf(',');
        Target target = Target.parse(text.substring(comma + 1).strip().replaceFirst("^ssh://", ""));
        Login last = of(settings(target), target.host(), depth + 1);
        if (comma < 0) {
            return last;
        }
        return new Login(
                last.name(),
                last.host(),
                last.port(),
                last.user(),
                last.keys(),
                last.passphrase(),
                last.password(),
                last.sudoPassword(),
                last.agent(),
                last.hostKey(),
                proxyJump(text.substring(0, comma), depth + 1));
    }

    private static Ssh settings(Target target) {
        return new Ssh(
                target.host(),
                target.user(),
                target.port() == 0 ? null : target.port(),
                null,
                null,
                null,
                null,
                true,
                null,
                null);
    }

    private List<Path> keys(Ssh ssh, @Nullable HostConfigEntry entry) {
        if (ssh.keyFile() != null) {
            return List.of(ssh.keyFile());
        }
        List<Path> keys = new ArrayList<>();
        if (entry != null && entry.getIdentities() != null) {
            entry.getIdentities().forEach(i -> keys.add(Path.of(i)));
        }
        if (keys.isEmpty()) {
            Stream.of("id_ed25519", "id_ecdsa", "id_rsa")
                    .forEach(n -> keys.add(home.resolve(".ssh").resolve(n)));
        }
        return keys.stream().filter(Files::isReadable).toList();
    }

    private static boolean isEmpty(@Nullable String text) {
        return text == null || text.isEmpty();
    }
}
