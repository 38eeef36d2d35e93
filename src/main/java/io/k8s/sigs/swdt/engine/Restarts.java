package io.k8s.sigs.swdt.engine;

import io.k8s.sigs.swdt.agent.AgentEvent;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;

/** Waits for hosts that restart. */
final class Restarts {

    // Windows may install updates at its start
    private static final Duration LONGEST = Duration.ofMinutes(20);

    private Restarts() {}

    /**
     * Returns once the host answers after another start than the one before, or the run is to stop.
     * That it did not answer meanwhile means nothing: that is often too short to be seen.
     *
     * @param before the start's mark, as the fact {@code boot} has it
     * @throws IOException if it does not come back
     */
    static void await(Remote remote, String before, Patience patience, Cancellation cancellation)
            throws IOException {
        Instant giveUp = Instant.now().plus(LONGEST);
        giveUp = giveUp.isBefore(patience.deadline()) ? giveUp : patience.deadline();
        IOException last = null;
        while (Instant.now().isBefore(giveUp) && !cancellation.requested()) {
            try {
                pause(patience);
                String now = boot(remote, patience);
                if (!now.isEmpty() && !now.equals(before)) {
                    return;
                }
            } catch (InterruptedIOException e) {
                throw e;
            } catch (IOException e) {
                last = e; // it is away
            }
        }
        if (!cancellation.requested()) {
            throw new IOException(
                    "did not come back after its restart; look at its console"
                            + (last == null ? "" : ": " + last.getMessage()),
                    last);
        }
    }

    private static String boot(Remote remote, Patience patience) throws IOException {
        AtomicReference<String> boot = new AtomicReference<>("");
        new Programs(remote, patience)
                .read(
                        remote.agent().facts(),
                        e -> {
                            if (e instanceof AgentEvent.Fact(var name, var values)
                                    && name.equals("boot")) {
                                boot.set(values.getFirst());
                            }
                        });
        return boot.get();
    }

    private static void pause(Patience patience) throws InterruptedIOException {
        try {
            Thread.sleep(patience.pause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (InterruptedIOException) new InterruptedIOException("interrupted").initCause(e);
        }
    }
}
