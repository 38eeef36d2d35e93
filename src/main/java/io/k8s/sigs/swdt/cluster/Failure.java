package io.k8s.sigs.swdt.cluster;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A run ended without its goal. Carries all that a person needs: several reasons at once where
 * there are several. Printed by {@code ui}, never as a stack trace.
 */
public final class Failure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ExitCode exitCode;
    private final transient List<Reason> reasons;

    public Failure(ExitCode exitCode, List<Reason> reasons, @Nullable Throwable cause) {
        super(reasons.isEmpty() ? exitCode.name() : reasons.getFirst().what(), cause);
        this.exitCode = exitCode;
        this.reasons = List.copyOf(reasons);
    }

    public Failure(ExitCode exitCode, Reason reason) {
        this(exitCode, List.of(reason), null);
    }

    /** With which code swdt ends. */
    public ExitCode exitCode() {
        return exitCode;
    }

    /** What went wrong, at least one. */
    public List<Reason> reasons() {
        return reasons;
    }

    /**
     * @param host the node, or null where it is not about one
     * @param what what failed, in one line
     * @param details label and text in order, e.g. {@code command}, {@code exit}, {@code output}
     *     (may hold several lines), {@code log}
     * @param next what to do next, or null where the cause says it
     */
    public record Reason(
            @Nullable String host, String what, List<Detail> details, @Nullable String next) {

        public Reason {
            details = List.copyOf(details);
        }

        public static Reason of(@Nullable String host, String what, @Nullable String next) {
            return new Reason(host, what, List.of(), next);
        }
    }

    /** A labelled part of a reason. */
    public record Detail(String label, String text) {}
}
