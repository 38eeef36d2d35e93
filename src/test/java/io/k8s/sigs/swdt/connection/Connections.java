package io.k8s.sigs.swdt.connection;

import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.value.Secret;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A user with a home folder who connects; by default new host keys are trusted. */
final class Connections implements AutoCloseable {

    private final Path home;
    private final Map<String, String> environment = new HashMap<>();
    private final List<String> asked = new ArrayList<>();
    private boolean trusting = true;
    private @Nullable SshConnector connector;

    Connections(Path home) {
        this.home = home;
    }

    /** Refuses keys of unknown hosts. */
    Connections distrusting() {
        trusting = false;
        return this;
    }

    Connections variable(String name, String value) {
        environment.put(name, value);
        return this;
    }

    Path ours() {
        return home.resolve("state/known_hosts");
    }

    Path users() {
        return home.resolve(".ssh/known_hosts");
    }

    /** Hosts whose key was asked about. */
    List<String> asked() {
        return asked;
    }

    SshConnector connector() {
        if (connector == null) {
            HostKeys keys =
                    new HostKeys(
                            users(),
                            ours(),
                            (host, _) -> {
                                asked.add(host);
                                return trusting;
                            });
            connector =
                    new SshConnector(keys, home, "someone", environment, Duration.ofSeconds(15));
        }
        return connector;
    }

    Connection open(String name, Settings settings) throws IOException {
        return open(Cluster.Os.LINUX, name, settings);
    }

    Connection open(Cluster.Os os, String name, Settings settings) throws IOException {
        return connector()
                .connection(
                        new Cluster.Node(
                                name,
                                Cluster.Role.WORKER,
                                os,
                                "127.0.0.1",
                                settings.build(),
                                null,
                                Map.of(),
                                List.of()));
    }

    @Override
    public void close() {
        if (connector != null) {
            connector.close();
        }
    }

    /** The {@code ssh} part of a node. */
    static final class Settings {

        private @Nullable String host;
        private @Nullable String user = "someone";
        private @Nullable Integer port;
        private @Nullable Path keyFile;
        private @Nullable Secret passphrase;
        private @Nullable Secret password;
        private @Nullable Secret sudoPassword;
        private @Nullable String hostKey;
        private Cluster.@Nullable Ssh jump;

        static Settings of(TestServer server) {
            Settings settings = new Settings();
            settings.port = server.port();
            return settings;
        }

        Settings host(String name) {
            host = name;
            return this;
        }

        Settings user(String login) {
            user = login;
            return this;
        }

        Settings noUserAndPort() {
            user = null;
            port = null;
            return this;
        }

        Settings key(Path file) {
            keyFile = file;
            return this;
        }

        Settings passphrase(String text) {
            passphrase = new Secret(text);
            return this;
        }

        Settings password(String text) {
            password = new Secret(text);
            return this;
        }

        Settings sudoPassword(String text) {
            sudoPassword = new Secret(text);
            return this;
        }

        Settings hostKey(String text) {
            hostKey = text;
            return this;
        }

        Settings jump(Settings settings) {
            return via(settings.host("127.0.0.1"));
        }

        Settings via(Settings settings) {
            jump = settings.build();
            return this;
        }

        Cluster.Ssh build() {
            return new Cluster.Ssh(
                    host,
                    user,
                    port,
                    keyFile,
                    passphrase,
                    password,
                    sudoPassword,
                    true,
                    hostKey,
                    jump);
        }
    }
}
