package io.k8s.sigs.swdt.cli;

import io.k8s.sigs.swdt.cluster.ExitCode;
import io.k8s.sigs.swdt.engine.Cancellation;
import java.io.PrintStream;
import sun.misc.Signal;

/** Ctrl-C: once stops after the running change, twice ends at once. */
final class Interrupts {

    private Interrupts() {}

    static void stop(Cancellation cancellation, PrintStream err) {
        Signal.handle(
                new Signal("INT"),
                _ -> {
                    if (cancellation.requested()) {
                        Runtime.getRuntime().halt(ExitCode.INTERRUPTED.code());
                    }
                    err.println(
                            "stopping after the running change; press Ctrl-C again to end at once");
                    Thread.ofVirtual().start(cancellation::request);
                });
    }
}
