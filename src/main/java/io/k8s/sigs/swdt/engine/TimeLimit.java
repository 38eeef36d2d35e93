package io.k8s.sigs.swdt.engine;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** Ends waits of the thread that made it, when a time is over. */
final class TimeLimit implements AutoCloseable {

    private enum State {
        RUNNING,
        OVER,
        INTERRUPTED,
        CLOSED
    }

    private final AtomicReference<State> state = new AtomicReference<>(State.RUNNING);
    private final Thread guard;

    private TimeLimit(Duration left) {
        Thread self = Thread.currentThread();
        guard =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                Thread.sleep(left);
                                if (state.compareAndSet(State.RUNNING, State.OVER)) {
                                    self.interrupt();
                                    state.set(State.INTERRUPTED);
                                }
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt(); // closed in time
                            }
                        });
    }

    static TimeLimit of(Duration left) {
        return new TimeLimit(left);
    }

    /** The fault, or what it really means where this limit caused it. */
    IOException explained(IOException fault) {
        return List.of(State.OVER, State.INTERRUPTED).contains(state.get())
                ? new IOException(
                        "its running change did not end when the time of the run (--timeout) was over",
                        fault)
                : fault;
    }

    @Override
    public void close() {
        if (!state.compareAndSet(State.RUNNING, State.CLOSED)) {
            awaitInterruption();
        }
        guard.interrupt();
    }

    // the guard has decided to interrupt: that must not hit what comes later
    private void awaitInterruption() {
        while (state.get() != State.INTERRUPTED) {
            Thread.onSpinWait(); // it is between two statements
        }
        Thread.interrupted();
    }
}
