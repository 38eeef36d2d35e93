package io.k8s.sigs.swdt.connection;

import io.k8s.sigs.swdt.connection.ConnectException.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * One way to a host, and another one for when it is refused, which is then kept to. A host key that
 * is not the known one is no such case: somebody else may answer.
 */
final class FallbackConnection implements Connection {

    private final Connection first;
    private final Connection second;
    private final Consumer<String> notes;
    private volatile boolean refused;

    /**
     * @param notes is told when the second way is taken
     */
    FallbackConnection(Connection first, Connection second, Consumer<String> notes) {
        this.first = first;
        this.second = second;
        this.notes = notes;
    }

    @Override
    public String name() {
        return first.name();
    }

    private interface Use<T> {
        T of(Connection connection) throws IOException;
    }

    private <T> T use(Use<T> use) throws IOException {
        if (refused) {
            return use.of(second);
        }
        try {
            return use.of(first);
        } catch (ConnectException e) {
            if (e.kind() != Kind.UNREACHABLE && e.kind() != Kind.AUTHENTICATION) {
                throw e;
            }
            return instead(use, e);
        }
    }

    private <T> T instead(Use<T> use, ConnectException why) throws IOException {
        T result;
        try {
            result = use.of(second);
        } catch (ConnectException e) {
            // a host that restarts refuses both: the first one gets its chance again
            throw new ConnectException(
                    why.kind(),
                    why.getMessage() + "; and " + e.getMessage(),
                    why.next() + "; or " + e.next(),
                    e);
        }
        refused = true;
        notes.accept(why.getMessage() + "; PowerShell Direct is used instead");
        return result;
    }

    @Override
    public Outcome run(RemoteCommand command, Consumer<String> lines) throws IOException {
        return use(c -> c.run(command, lines));
    }

    @Override
    public void upload(Path file, String sha256, String destination, LongConsumer progress)
            throws IOException {
        use(c -> {
            c.upload(file, sha256, destination, progress);
            return true;
        });
    }

    @Override
    public int roundTrips() {
        return first.roundTrips() + second.roundTrips();
    }

    @Override
    public void close() {
        first.close();
        second.close();
    }
}
