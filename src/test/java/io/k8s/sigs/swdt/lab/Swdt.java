package io.k8s.sigs.swdt.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

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
     * Starts a command that writes its progress as JSON, and does something as soon as it writes
     * such a line.
     *
     * @param moment the line that is waited for
     * @param deed what is done then; the command's output is read on meanwhile
     * @return whether that line came
     */
    public boolean at(Predicate<String> moment, Deed deed, String... arguments) {
        List<String> command = command(arguments);
        command.addAll(List.of("--output", "json"));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment());
        builder.redirectErrorStream(true);
        boolean came = false;
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            try (BufferedReader lines =
                    new BufferedReader(
                            new InputStreamReader(
                                    process.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (!came && moment.test(line)) {
                        came = true;
                        deed.on(process);
                    }
                }
            }
            process.waitFor();
            return came;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted: " + String.join(" ", command), e);
        }
    }

    /** What is done at a moment. */
    public interface Deed {
        void on(Process process);
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
