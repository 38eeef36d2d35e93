package io.k8s.sigs.swdt.ui;

import io.k8s.sigs.swdt.cluster.Console;
import io.k8s.sigs.swdt.engine.RunEvent;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The run's frame, drawn again some times a second at the end of what was printed. All that writes
 * to the screen meanwhile goes through {@link #above}. Thread-safe: who holds the monitor owns the
 * screen.
 */
final class LiveProgress implements Console.Progress {

    private static final long PAUSE_MILLIS = 100;
    // erase the line's rest; all that is below
    private static final String REST = "\u001b[K";
    private static final String BELOW = "\u001b[J";

    private final Consumer<String> screen;
    private final Supplier<Screen.Size> size;
    private final boolean colour;
    private final Supplier<Instant> now;
    private final Consumer<String> log;
    private final Runnable onClose;
    private final Thread drawing;
    private RunState state;
    private int drawn;
    private boolean closed;

    /**
     * @param screen writes text to the terminal, escapes included
     * @param size the terminal's size now
     * @param log gets each event's plain line
     * @param onClose called once, after the last frame
     */
    LiveProgress(
            String title,
            Consumer<String> screen,
            Supplier<Screen.Size> size,
            boolean colour,
            Supplier<Instant> now,
            Consumer<String> log,
            Runnable onClose) {
        this.screen = screen;
        this.size = size;
        this.colour = colour;
        this.now = now;
        this.log = log;
        this.onClose = onClose;
        this.state = RunState.start(title, now.get());
        log.accept(title);
        this.drawing = Thread.ofPlatform().daemon().name("progress").start(this::drawOnAndOn);
    }

    @Override
    public synchronized void accept(RunEvent event) {
        state = state.with(event, now.get());
        PlainProgress.line(event).ifPresent(log);
        if (event instanceof RunEvent.Note) {
            PlainProgress.line(event).ifPresent(l -> above(() -> screen.accept(l + "\n")));
        }
    }

    /** Lets something write or ask, where the frame was; the frame comes back below it. */
    synchronized void above(Runnable writing) {
        erase();
        writing.run();
    }

    /** Draws the present state. */
    synchronized void draw() {
        if (closed) {
            return;
        }
        drawn = write(false);
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            write(true);
            drawn = 0;
        }
        drawing.interrupt();
        onClose.run();
    }

    private void erase() {
        if (drawn > 0) {
            screen.accept(back() + BELOW);
            drawn = 0;
        }
    }

    // over the frame before, which is never away: no flicker
    private int write(boolean last) {
        List<String> lines = new Frame(size.get(), colour).lines(state, now.get(), last);
        StringBuilder text = new StringBuilder(back());
        lines.forEach(l -> text.append(l).append(REST).append('\n'));
        screen.accept(text.append(BELOW).toString());
        return lines.size();
    }

    // to the frame's first column
    private String back() {
        return drawn == 0 ? "" : "\u001b[" + drawn + "A\r";
    }

    private void drawOnAndOn() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                draw();
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }
}
