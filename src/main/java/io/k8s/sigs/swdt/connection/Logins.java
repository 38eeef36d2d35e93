package io.k8s.sigs.swdt.connection;

import io.k8s.sigs.swdt.config.Cluster.Ssh;
import io.k8s.sigs.swdt.value.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes {@link Login}s from the cluster file's settings and {@code ~/.ssh/config}. */
final class Logins {

    private static final int MAX_JUMPS = 8;

    private final Path home;
    private final String user;
    private final String agent;
    private final SshConfig config;

    /**
     * @param home the user's home folder
     * @param user name of the local user
     * @param environment of this process; {@code SSH_AUTH_SOCK} names the agent
     */
    Logins(Path home, String user, Map<String, String> environment) {
        this.home = home;
        this.user = user;
        this.agent = environment.getOrDefault("SSH_AUTH_SOCK", "");
        this.config = new SshConfig(home.resolve(".ssh/config"), home, user);
    }

    /**
     * @param address where to log in unless the settings name a host
     * @throws IOException if {@code ~/.ssh/config} cannot be read, with a message fit for a user
     */
    Login of(Ssh ssh, String address) throws IOException {
        return of(ssh, address, 0);
    }

    private Login of(Ssh ssh, String address, int depth) throws IOException {
        if (depth > MAX_JUMPS) {
            throw new IOException("more than " + MAX_JUMPS + " jump hosts in a row");
        }
        String name = ssh.host() == null ? address : ssh.host();
        SshConfig.Settings file = config.of(name, ssh.user());
        int port = first(ssh.port(), file.port(), 22);
        String knownName = first(file.hostKeyAlias(), null, file.hostName());
        boolean plain = port == 22 || file.hostKeyAlias() != null;
        return new Login(
                (plain ? knownName : "[" + knownName + "]:" + port).toLowerCase(Locale.ROOT),
                file.hostName(),
                port,
                first(ssh.user(), file.user(), user),
                keys(ssh, file),
                ssh.keyFile() != null || file.identitiesOnly(),
                ssh.passphrase(),
                ssh.password(),
                ssh.sudoPassword(),
                agent(ssh, file),
                ssh.hostKey(),
                jump(ssh, file, depth));
    }

    private @Nullable Login jump(Ssh ssh, SshConfig.Settings file, int depth) throws IOException {
        if (ssh.jump() != null) {
            return of(ssh.jump(), "", depth + 1);
        }
        String text = file.proxyJump();
        return text == null || text.equalsIgnoreCase("none") ? null : proxyJump(text, depth);
    }

    // "a,b" means: through a to b, from there on
    private Login proxyJump(String text, int depth) throws IOException {
        int comma = text.lastIndexOf(',');
        String last = text.substring(comma + 1).strip().replaceFirst("^ssh://", "");
        Target target;
        try {
            target = Target.parse(last);
        } catch (IllegalArgumentException e) {
            throw new IOException("~/.ssh/config: ProxyJump " + text + ": " + e.getMessage(), e);
        }
        Login login = of(settings(target), target.host(), depth + 1);
        return comma < 0 ? login : login.through(proxyJump(text.substring(0, comma), depth + 1));
    }

    private static Ssh settings(Target target) {
        Integer port = target.port() == 0 ? null : target.port();
        return new Ssh(
                target.host(), target.user(), port, null, null, null, null, true, null, null);
    }

    private @Nullable Path agent(Ssh ssh, SshConfig.Settings file) {
        String socket = Objects.requireNonNullElse(file.identityAgent(), agent);
        if (socket.equals("SSH_AUTH_SOCK")) {
            socket = agent;
        }
        return !ssh.useAgent() || socket.isEmpty() || socket.equals("none")
                ? null
                : Path.of(socket);
    }

    // a key that the cluster file names must be there; others are tried if they are
    private List<Path> keys(Ssh ssh, SshConfig.Settings file) {
        if (ssh.keyFile() != null) {
            return List.of(ssh.keyFile());
        }
        List<Path> keys = new ArrayList<>(file.identityFiles());
        if (keys.isEmpty()) {
            Stream.of("id_ed25519", "id_ecdsa", "id_rsa")
                    .forEach(n -> keys.add(home.resolve(".ssh").resolve(n)));
        }
        return keys.stream().filter(Files::isReadable).toList();
    }

    private static <T> T first(@Nullable T one, @Nullable T two, T three) {
        return one != null ? one : two != null ? two : three;
    }
}
