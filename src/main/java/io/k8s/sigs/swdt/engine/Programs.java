package io.k8s.sigs.swdt.engine;

import io.k8s.sigs.swdt.agent.AgentEvent;
import io.k8s.sigs.swdt.connection.ConnectException;
import io.k8s.sigs.swdt.connection.ConnectionLostException;
import io.k8s.sigs.swdt.connection.Outcome;
import io.k8s.sigs.swdt.connection.RemoteCommand;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs programs on one host through a connection that may break: a program goes on by itself, and
 * is followed again from the line that was read last.
 */
public final class Programs {

    private final Remote remote;
    private final Patience patience;

    public Programs(Remote remote, Patience patience) {
        this.remote = remote;
        this.patience = patience;
    }

    /**
     * Runs a program that reads, or does what may be begun again; after a break it is run from the
     * start.
     *
     * @param events called for each event; events of a broken try are repeated
     * @throws ProgramException if it did not end as a program does
     * @throws IOException if the host stays out of reach
     */
    public void read(RemoteCommand program, Consumer<AgentEvent> events) throws IOException {
        Instant giveUp = patience.giveUp();
        boolean broke = false;
        while (true) {
            try {
                Listener listener = new Listener(events);
                finish(listener, limited(program, listener));
                return;
            } catch (ConnectionLostException e) {
                broke = true;
                pauseOrGiveUp(giveUp, e);
            } catch (ConnectException e) {
                if (!broke) {
                    throw e;
                }
                pauseOrGiveUp(giveUp, e);
            }
        }
    }

    /**
     * Starts a program that outlives the connection, and follows it to its end.
     *
     * @param id the program's, unique on the host
     * @param start starts it
     * @param onBreak told each time the connection breaks
     * @return how it ended; {@code lost} if it was ended by something else, {@code gone} if it
     *     never started
     */
    public AgentEvent.Ended run(
            String id, RemoteCommand start, Consumer<AgentEvent> events, Runnable onBreak)
            throws IOException {
        return watch(start, id, new Listener(events), onBreak);
    }

    /** Follows a program that somebody else started, from its first event. */
    public AgentEvent.Ended follow(String id, Consumer<AgentEvent> events) throws IOException {
        return watch(remote.agent().follow(id, 0), id, new Listener(events), () -> {});
    }

    /**
     * Asks a program to end after its running step; again and again while its host has not got it
     * yet.
     *
     * @param running whether it has not ended so far
     */
    public void stop(String id, BooleanSupplier running) throws IOException {
        Instant giveUp = patience.giveUp();
        while (running.getAsBoolean()) {
            IOException why;
            try {
                if (remote.connection().run(remote.agent().stop(id), _ -> {}).exitCode() == 0) {
                    return;
                }
                why = new IOException("it has not started in time");
            } catch (ConnectionLostException | ConnectException e) {
                why = e;
            }
            pauseOrGiveUp(giveUp, why);
        }
    }

    private AgentEvent.Ended watch(
            RemoteCommand first, String id, Listener listener, Runnable onBreak)
            throws IOException {
        RemoteCommand command = first;
        Instant giveUp = patience.giveUp();
        while (true) {
            int before = listener.lines;
            try {
                return finish(listener, limited(command, listener));
            } catch (ConnectionLostException e) {
                onBreak.run();
                giveUp = listener.lines > before ? patience.giveUp() : giveUp;
                pauseOrGiveUp(giveUp, e);
            } catch (ConnectException e) {
                if (command.equals(first)) {
                    throw e;
                }
                pauseOrGiveUp(giveUp, e);
            }
            command = remote.agent().follow(id, listener.lines);
        }
    }

    private Outcome limited(RemoteCommand command, Listener listener) throws IOException {
        try (TimeLimit limit = TimeLimit.of(patience.longest())) {
            try {
                return remote.connection().run(command, listener);
            } catch (IOException e) {
                throw limit.explained(e);
            }
        }
    }

    private static AgentEvent.Ended finish(Listener listener, Outcome outcome)
            throws ProgramException {
        AgentEvent.Ended ended = listener.ended;
        if (ended != null) {
            return ended;
        }
        throw new ProgramException(outcome.exitCode(), outcome.errorLines());
    }

    private void pauseOrGiveUp(Instant giveUp, IOException cause) throws IOException {
        if (Instant.now().isAfter(giveUp)) {
            throw cause;
        }
        try {
            Thread.sleep(patience.pause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted").initCause(e);
        }
    }

    // one thread calls it, that of the running command
    private static final class Listener implements Consumer<String> {

        private final Consumer<AgentEvent> events;
        private int lines;
        private AgentEvent.@Nullable Ended ended;

        Listener(Consumer<AgentEvent> events) {
            this.events = events;
        }

        @Override
        public void accept(String line) {
            lines++;
            AgentEvent event = AgentEvent.parse(line);
            if (event instanceof AgentEvent.Ended end) {
                ended = end;
            }
            events.accept(event);
        }
    }
}
