package io.k8s.sigs.swdt.connection;

import io.k8s.sigs.swdt.config.Cluster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** The ways to the hosts of a cluster, as its file has them. Thread-safe. */
public final class Connector implements AutoCloseable {

    /** Which PowerShell of the controller to use, where it is not Windows' own. */
    static final String VARIABLE = "SWDT_POWERSHELL";

    private final SshConnector ssh;
    private final Map<String, String> environment;
    private final BiConsumer<String, String> notes;

    /**
     * @param environment of this process
     * @param notes is told, with a node's name, what a user should know of the way there
     */
    public Connector(
            SshConnector ssh, Map<String, String> environment, BiConsumer<String, String> notes) {
        this.ssh = ssh;
        this.environment = environment;
        this.notes = notes;
    }

    /**
     * A connection to a node's host, made by its first command.
     *
     * @throws IOException if {@code ~/.ssh/config} cannot be read, with a message fit for a user
     */
    public Connection connection(Cluster.Node node) throws IOException {
        Cluster.Direct direct = node.direct();
        if (direct == null || (direct.afterSsh() && program().isEmpty())) {
            return ssh.connection(node);
        }
        if (!direct.afterSsh()) {
            return direct(node, direct);
        }
        return new FallbackConnection(
                ssh.connection(node),
                direct(node, direct),
                note -> notes.accept(node.name(), note));
    }

    /** A connection to a node's host by PowerShell Direct alone. */
    public Connection direct(Cluster.Node node, Cluster.Direct direct) {
        return new DirectConnection(
                node.name(), direct, program().map(LocalPowerShell::new).orElse(null));
    }

    /**
     * The public key of the first private key by which SSH would log in: a line of authorized_keys;
     * empty where there is none.
     *
     * @throws IOException if {@code ~/.ssh/config} or the key cannot be read
     */
    public String publicKey(Cluster.Node node) throws IOException {
        return ssh.publicKey(node);
    }

    private Optional<String> program() {
        String named = environment.getOrDefault(VARIABLE, "");
        if (!named.isEmpty()) {
            return Optional.of(named);
        }
        String windows = environment.getOrDefault("SystemRoot", "");
        return windows.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        Path.of(windows, "System32", "WindowsPowerShell", "v1.0", "powershell.exe")
                                .toString());
    }

    @Override
    public void close() {
        ssh.close();
    }
}
