package io.k8s.sigs.swdt.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * The wish to stop a run after the running changes: the user's, or its time is over. Thread-safe.
 */
public final class Cancellation {

    private final List<Runnable> actions = new ArrayList<>();
    private boolean requested;
    private boolean expired;

    /** Whether the run is to stop. */
    public synchronized boolean requested() {
        return requested;
    }

    /** Whether it is to stop because its time is over. */
    public synchronized boolean expired() {
        return expired;
    }

    /** Asks for it because the run's time is over; nothing where it was asked for already. */
    public void expire() {
        synchronized (this) {
            expired = !requested;
        }
        request();
    }

    /** Asks for it; a second time does nothing. */
    public void request() {
        List<Runnable> now;
        synchronized (this) {
            if (requested) {
                return;
            }
            requested = true;
            now = List.copyOf(actions);
        }
        now.forEach(Runnable::run);
    }

    /**
     * Runs an action once it is asked for: at once if it was already.
     *
     * @param action that never waits: it runs where the wish came from
     */
    public void onRequest(Runnable action) {
        synchronized (this) {
            if (!requested) {
                actions.add(action);
                return;
            }
        }
        action.run();
    }
}
