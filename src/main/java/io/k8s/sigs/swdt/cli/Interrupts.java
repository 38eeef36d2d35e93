package io.k8s.sigs.swdt.cli;

import io.k8s.sigs.swdt.cluster.ExitCode;
import io.k8s.sigs.swdt.engine.Cancellation;
import java.util.function.Consumer;
import sun.misc.Signal;

/** Ctrl-C: once stops after the running change, twice ends at once. */
final class Interrupts {

    private Interrupts() {}

    static void stop(Cancellation cancellation, Consumer<String> say) {
        Signal.handle(
                new Signal("INT"),
                _ -> {
                    if (cancellation.requested()) {
                        Runtime.getRuntime().halt(ExitCode.INTERRUPTED.code());
                    }
                    say.accept(
                            "stopping after the running change; press Ctrl-C again to end at once");
                    Thread.ofVirtual().start(cancellation::request);
                });
    }
}
