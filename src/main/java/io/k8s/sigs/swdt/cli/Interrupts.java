package io.k8s.sigs.swdt.cli;

import io.k8s.sigs.swdt.cluster.ExitCode;
import io.k8s.sigs.swdt.engine.Cancellation;
import io.k8s.sigs.swdt.ui.Terminal;
import sun.misc.Signal;

/** Ctrl-C: once stops after the running change, twice, or at a question, ends at once. */
final class Interrupts {

    private Interrupts() {}

    static void stop(Cancellation cancellation, Terminal terminal) {
        Signal.handle(
                new Signal("INT"),
                _ -> {
                    if (cancellation.requested() || terminal.asking()) {
                        Runtime.getRuntime().halt(ExitCode.INTERRUPTED.code());
                    }
                    // first of all: writing may wait for the screen, and the next press must find
                    // it
                    cancellation.request();
                    terminal.say(
                            "stopping after the running change; press Ctrl-C again to end at once");
                });
    }
}
