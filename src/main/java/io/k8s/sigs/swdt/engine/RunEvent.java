package io.k8s.sigs.swdt.engine;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened during a run, in the order in which it happened: what progress views
 * draw, the run log keeps and {@code --output json} prints. Never holds a secret.
 */
public sealed interface RunEvent {

    /** The node it is about, or null where it is about the run as a whole. */
    @Nullable String host();

    /** A host's lane changed its phase; {@code detail} says what it waits for or why it failed. */
    record HostPhase(String host, Phase phase, String detail) implements RunEvent {}

    /**
     * A change on a host changed its state.
     *
     * @param key the change's key, e.g. {@code sysctl net.ipv4.ip_forward}
     * @param state what happened
     * @param took time since the change began; zero at its beginning
     * @param detail one line, may be empty
     */
    record ChangeState(String host, String key, State state, Duration took, String detail)
            implements RunEvent {}

    /**
     * Bytes on their way to a host.
     *
     * @param name what is sent
     * @param sent bytes so far
     * @param total bytes in all
     */
    record Transfer(String host, String name, long sent, long total) implements RunEvent {}

    /**
     * An artifact is being fetched to the controller.
     *
     * @param name what is fetched
     * @param received bytes so far
     * @param total bytes in all, or -1 if not known
     */
    record Fetch(String name, long received, long total) implements RunEvent {

        @Override
        public @Nullable String host() {
            return null;
        }
    }

    /** How many changes a host is to get: known once the plan is made. */
    record Planned(String host, int changes) implements RunEvent {}

    /**
     * A change failed.
     *
     * @param key the change
     * @param exitCode of the command that failed, or -1
     * @param message what failed, in one line
     * @param command the command that failed, with its arguments, or empty
     * @param output the last lines of the host's log, 40 at most
     * @param log where the whole log lies on the host
     */
    record ChangeFailed(
            String host,
            String key,
            int exitCode,
            String message,
            String command,
            List<String> output,
            String log)
            implements RunEvent {

        public ChangeFailed {
            output = List.copyOf(output);
        }
    }

    /** A line for the reader: a warning, a retry, a decision. */
    record Note(@Nullable String host, String text) implements RunEvent {}

    /** What a host's lane does. */
    enum Phase {
        CONNECTING,
        LOOKING,
        WAITING,
        RUNNING,
        DONE,
        FAILED,
        STOPPED,
        /** Given back, with something left of what was changed. */
        DIFFERENT
    }

    /** What happens to a change. */
    enum State {
        STARTED,
        KEPT,
        APPLIED,
        FAILED,
        REVERTED,
        LEFT;

        /** The state that an agent calls by this name. */
        public static State of(String name) {
            return valueOf(name.toUpperCase(Locale.ROOT));
        }
    }
}
