package io.k8s.sigs.swdt.agent;

import io.k8s.sigs.swdt.value.Tables;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** A line that an agent sends: type, then fields between tabs, percent-encoded (design 4.1). */
public sealed interface AgentEvent {

    /** The program runs. */
    record Started(String run) implements AgentEvent {}

    /**
     * A step changed its state.
     *
     * @param state {@code started}, {@code kept}, {@code applied}, {@code failed}, {@code reverted}
     *     or {@code left}
     * @param took since the step began
     */
    record StepState(String key, String state, Duration took, String detail)
            implements AgentEvent {}

    /** What a step would do: {@code keep}, {@code add} or {@code alter}. */
    record Check(String key, String verdict) implements AgentEvent {}

    /** A line of the host's log, sent after a failure. */
    record Log(String line) implements AgentEvent {}

    /**
     * A step failed; its log lines came before.
     *
     * @param exitCode of the command, or -1
     * @param command with its arguments, or empty
     * @param log path of the whole log on the host
     */
    record StepFailed(String key, int exitCode, String message, String command, String log)
            implements AgentEvent {}

    /** A value that a step made, e.g. {@code ca-hash}. */
    record Output(String name, String value) implements AgentEvent {}

    /**
     * How a check of a running cluster went: {@code passed}, {@code failed}, or {@code not run}
     * with the reason. One that takes long comes as {@code running} first.
     */
    record Verdict(String check, String result, String detail) implements AgentEvent {}

    /** A fact: a name and its values. */
    record Fact(String name, List<String> values) implements AgentEvent {

        public Fact {
            values = List.copyOf(values);
        }
    }

    /**
     * A difference between the host before the first change and now: {@code -} gone, {@code +} new.
     */
    record Difference(String sign, String line) implements AgentEvent {}

    /**
     * The program ended: {@code ok}, {@code failed}, {@code stopped}, {@code busy}, {@code locked},
     * {@code foreign}, {@code lost} or {@code gone}.
     *
     * @param detail who holds the lock, or the other cluster's name; may be empty
     */
    record Ended(String how, String detail) implements AgentEvent {}

    /** A line that is none of ours: a login script's or a motd's. */
    record Noise(String line) implements AgentEvent {}

    /** Colours and whatever else would steer the reader's terminal. Source: ECMA-48, CSI. */
    Pattern ESCAPES = Pattern.compile("\u001B(\\[[0-?]*[ -/]*[@-~])?");

    /** Reads one line. Never fails: what is not an event is {@link Noise}. */
    static AgentEvent parse(String line) {
        String[] f = Tables.split(ESCAPES.matcher(line).replaceAll(""));
        try {
            return switch (f[0]) {
                case "start" -> new Started(f[1]);
                case "step" ->
                        new StepState(
                                f[1],
                                f[2],
                                Duration.ofMillis(Long.parseLong(f[3])),
                                f.length > 4 ? f[4] : "");
                case "check" -> new Check(f[1], f[2]);
                case "log" -> new Log(f[1]);
                case "failure" -> new StepFailed(f[1], Integer.parseInt(f[2]), f[3], f[4], f[5]);
                case "verdict" -> new Verdict(f[1], f[2], f[3]);
                case "output" -> new Output(f[1], f[2]);
                case "fact" -> new Fact(f[1], Arrays.asList(f).subList(2, f.length));
                case "difference" -> new Difference(f[1], f[2]);
                case "end" -> new Ended(f[1], f.length > 2 ? f[2] : "");
                default -> new Noise(line);
            };
        } catch (IndexOutOfBoundsException | NumberFormatException e) {
            return new Noise(line);
        }
    }
}
