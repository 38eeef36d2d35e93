package io.k8s.sigs.swdt.engine;

import io.k8s.sigs.swdt.artifact.Artifact;
import io.k8s.sigs.swdt.connection.ConnectException;
import io.k8s.sigs.swdt.connection.ConnectionLostException;
import io.k8s.sigs.swdt.plan.Change;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings the files of a stretch to its host, one after the other in the order in which the steps
 * need them, while the program already runs: a step waits for its own file only.
 */
final class Uploads implements AutoCloseable {

    private final String host;
    private final Remote remote;
    private final Engine.Fetcher fetcher;
    private final Patience patience;
    private final Consumer<RunEvent> events;
    private final AtomicReference<@Nullable IOException> fault = new AtomicReference<>();
    private final Thread thread;

    private Uploads(
            String host,
            Remote remote,
            Engine.Fetcher fetcher,
            Patience patience,
            Consumer<RunEvent> events,
            List<Artifact> artifacts,
            Runnable onFault) {
        this.host = host;
        this.remote = remote;
        this.fetcher = fetcher;
        this.patience = patience;
        this.events = events;
        this.thread = Thread.ofVirtual().unstarted(() -> sendAll(artifacts, onFault));
    }

    /**
     * @param onFault called when a file cannot be brought: the program that waits for it is to stop
     */
    static Uploads start(
            String host,
            Remote remote,
            Engine.Fetcher fetcher,
            Patience patience,
            Consumer<RunEvent> events,
            List<Change> changes,
            Runnable onFault) {
        List<Artifact> artifacts =
                changes.stream().map(Change::upload).flatMap(Optional::stream).distinct().toList();
        Uploads uploads = new Uploads(host, remote, fetcher, patience, events, artifacts, onFault);
        uploads.thread.start();
        return uploads;
    }

    /** Throws what stopped the uploads, if anything did. */
    void rethrow() throws IOException {
        IOException e = fault.get();
        if (e != null) {
            throw e;
        }
    }

    /** Ends uploads that nobody waits for any more. */
    @Override
    public void close() {
        thread.interrupt();
    }

    private void sendAll(List<Artifact> artifacts, Runnable onFault) {
        try {
            for (Artifact artifact : artifacts) {
                if (Thread.currentThread().isInterrupted()) {
                    return;
                }
                send(artifact);
            }
        } catch (IOException e) {
            if (!Thread.currentThread().isInterrupted()) {
                fault.set(e);
                onFault.run();
            }
        } catch (InterruptedException e) {
            // closed: the program has ended
            Thread.currentThread().interrupt();
        }
    }

    private void send(Artifact artifact) throws IOException, InterruptedException {
        Path file = fetcher.fetch(artifact);
        long size = Files.size(file);
        String destination = remote.agent().uploadPath(artifact.sha256());
        Instant giveUp = patience.giveUp();
        while (true) {
            try {
                remote.connection()
                        .upload(
                                file,
                                artifact.sha256().hex(),
                                destination,
                                sent ->
                                        events.accept(
                                                new RunEvent.Transfer(
                                                        host, artifact.toString(), sent, size)));
                return;
            } catch (ConnectionLostException | ConnectException e) {
                if (Instant.now().isAfter(giveUp)) {
                    throw e;
                }
                Thread.sleep(patience.pause());
            }
        }
    }
}
