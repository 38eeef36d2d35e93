package io.k8s.sigs.swdt.ui;

import io.k8s.sigs.swdt.cluster.Console;
import io.k8s.sigs.swdt.engine.RunEvent;
import io.k8s.sigs.swdt.value.Count;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/** One line for each thing that a reader wants to know; never drawn again. Thread-safe. */
final class PlainProgress implements Console.Progress {

    private final Consumer<String> lines;

    PlainProgress(String title, Consumer<String> lines) {
        this.lines = lines;
        lines.accept(title);
    }

    @Override
    public synchronized void accept(RunEvent event) {
        line(event).ifPresent(lines);
    }

    @Override
    public void close() {
        // nothing is left to be drawn
    }

    /** What a reader is told of an event; empty where it is not worth a line. */
    static Optional<String> line(RunEvent event) {
        return switch (event) {
            case RunEvent.HostPhase(var host, var phase, var detail) ->
                    switch (phase) {
                        case WAITING -> Optional.of(host + ": waits for " + detail);
                        case DONE -> Optional.of(host + ": done");
                        case FAILED ->
                                Optional.of(
                                        host
                                                + ": failed"
                                                + (detail.isEmpty() ? "" : ": " + detail));
                        case DIFFERENT -> Optional.of(host + ": not as it was before: " + detail);
                        case STOPPED -> Optional.of(host + ": stopped");
                        case CONNECTING, LOOKING, RUNNING -> Optional.empty();
                    };
            case RunEvent.ChangeState(var host, var key, var state, var took, var detail) ->
                    state == RunEvent.State.STARTED
                            ? Optional.empty()
                            : Optional.of(
                                    host
                                            + ": "
                                            + state.name().toLowerCase(Locale.ROOT)
                                            + " "
                                            + key
                                            + time(took)
                                            + (detail.isEmpty() ? "" : ": " + detail));
            case RunEvent.Note(var host, var text) ->
                    Optional.of((host == null ? "" : host + ": ") + text);
            case RunEvent.Planned(var host, var changes) ->
                    Optional.of(host + ": " + Count.of(changes, "change"));
            case RunEvent.Transfer _, RunEvent.Fetch _, RunEvent.ChangeFailed _ -> Optional.empty();
        };
    }

    private static String time(Duration took) {
        return took.toMillis() < 1000
                ? ""
                : String.format(Locale.ROOT, " (%.1f s)", took.toMillis() / 1000.0);
    }
}
