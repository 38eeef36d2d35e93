package io.k8s.sigs.swdt.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.config.ClusterFile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hosts that take a connection and say nothing, or take none. */
class SilentHostTest {

    @TempDir Path home;

    private ConnectException refusal(int port) throws IOException {
        Path file =
                Files.writeString(
                        home.resolve("c.yaml"),
                        """
                        apiVersion: swdt.sigs.k8s.io/v1alpha1
                        kind: Cluster
                        metadata: {name: c}
                        spec:
                          ssh: {user: anna, password: {env: PASSWORD}, host: 127.0.0.1, port: %d}
                          nodes: [{name: cp1, role: control-plane, address: 10.0.0.1}]
                        """
                                .formatted(port));
        Cluster.Node node = ClusterFile.load(file, Map.of("PASSWORD", "x")).nodes().getFirst();
        HostKeys keys =
                new HostKeys(home.resolve("known_hosts"), home.resolve("own"), (_, _) -> true);
        SshConnector connector =
                new SshConnector(keys, home, "anna", Map.of(), Duration.ofMillis(400));
        try (Connection connection = connector.connection(node)) {
            return catchThrowableOfType(
                    ConnectException.class,
                    () -> connection.run(new RemoteCommand("true", List.of(), ""), _ -> {}));
        } finally {
            connector.close();
        }
    }

    @Test
    void one_that_says_nothing_is_waited_for_once() throws IOException {
        List<Socket> taken = Collections.synchronizedList(new ArrayList<>());
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual()
                    .start(() -> {
                        try {
                            while (true) {
                                taken.add(silent.accept());
                            }
                        } catch (IOException _) {
                            // closed: the test is over
                        }
                    });

            assertThat(refusal(silent.getLocalPort()))
                    .hasMessage(
                            "anna@127.0.0.1:%d cannot be reached: it does not answer",
                            silent.getLocalPort());
            assertThat(taken).hasSize(1);
        }
    }

    @Test
    void one_that_takes_no_connection_is_asked_once() throws IOException {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }

        assertThat(refusal(port))
                .hasMessage("anna@127.0.0.1:%d cannot be reached: Connection refused", port);
    }
}
