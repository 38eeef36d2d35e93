package io.k8s.sigs.swdt.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * The packaged tool as a user has it: a process of its own, with a home folder of its own.
 *
 * @param home where it keeps its state and its cache
 * @param variables what its environment has more than this process's
 */
public record Swdt(Path home, Map<String, String> variables) {

    private static final Path PROGRAM = Path.of("target", "swdt", "bin", "swdt").toAbsolutePath();

    /** Without further variables. */
    public Swdt(Path home) {
        this(home, Map.of());
    }

    /**
     * How a command ended.
     *
     * @param exit exit code
     * @param stdout its results
     * @param stderr what it said beside them
     */
    public record Result(int exit, String stdout, String stderr) {

        /** All that it said, for a message. */
        @Override
        public String toString() {
            return "exit " + exit + "\n" + stdout + stderr;
        }
    }

    /** Runs a command to its end. */
    public Result run(String... arguments) {
        Commands.Result result =
                Commands.run(environment(), "", command(arguments).toArray(new String[0]));
        return new Result(result.exit(), result.stdout(), result.stderr());
    }

    /**
     * Something that is done to a running command as soon as its JSON progress has such a line.
     *
     * @param line a regular expression that is found in the line
     * @param deed what is done then; what the command writes meanwhile is read after it
     */
    public record Moment(String line, Consumer<Process> deed) {}

    /**
     * Runs a command with JSON progress and does something to it at some moments, one after the
     * other.
     *
     * @return how it ended; 137 after a kill. Both outputs are in {@code stdout}
     * @throws IllegalStateException if a moment did not come
     */
    public Result run(List<Moment> moments, String... arguments) {
        // a shell that runs tests in the background has SIGINT ignored, which children inherit
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
        command.addAll(command(arguments));
        command.addAll(List.of("--output", "json"));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment());
        builder.redirectErrorStream(true);
        Deque<Moment> open = new ArrayDeque<>(moments);
        StringBuilder text = new StringBuilder();
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            try (BufferedReader lines =
                    new BufferedReader(
                            new InputStreamReader(
                                    process.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    text.append(line).append('\n');
                    Moment next = open.peek();
                    if (next != null && Pattern.compile(next.line()).matcher(line).find()) {
                        open.remove().deed().accept(process);
                    }
                }
            }
            int exit = process.waitFor();
            if (!open.isEmpty()) {
                throw new IllegalStateException(
                        "'" + open.element().line() + "' did not come:\n" + text);
            }
            return new Result(exit, text.toString(), "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted: " + String.join(" ", command), e);
        }
    }

    /** Kills it at once. {@link Process#destroyForcibly} would close its output, too. */
    public static void kill(Process process) {
        Commands.output(Map.of(), "kill", "-KILL", Long.toString(process.pid()));
    }

    /** Presses Ctrl-C. */
    public static void interrupt(Process process) {
        Commands.output(Map.of(), "kill", "-INT", Long.toString(process.pid()));
    }

    private static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(PROGRAM.toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    private Map<String, String> environment() {
        Map<String, String> all = new HashMap<>(variables);
        all.put("HOME", home.toString());
        all.put("XDG_STATE_HOME", home.resolve("state").toString());
        all.put("XDG_CACHE_HOME", home.resolve("cache").toString());
        return all;
    }
}
