package io.k8s.sigs.swdt.connection;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/** PowerShell on the controller: a process per command. Thread-safe. */
final class LocalPowerShell implements AutoCloseable {

    private static final int ERROR_LINES = 40;

    private final String program;
    private final Set<Process> running = ConcurrentHashMap.newKeySet();

    /**
     * @param program path of powershell.exe or pwsh
     */
    LocalPowerShell(String program) {
        this.program = program;
    }

    /**
     * Runs a command to its end; an interruption ends it.
     *
     * @param lines called with each line that the script writes to {@code $o}, on this thread
     * @throws IOException if it cannot be started, or the thread was interrupted
     */
    Outcome run(RemoteCommand command, Consumer<String> lines) throws IOException {
        List<String> words = new ArrayList<>(List.of(PowerShell.commandLine(command).split(" ")));
        words.set(0, program);
        Process process = new ProcessBuilder(words).start();
        running.add(process);
        try {
            Thread.ofVirtual().start(() -> feed(process, command.input()));
            Deque<String> errors = new ArrayDeque<>();
            Thread errorReader =
                    Thread.ofVirtual().start(() -> readErrors(process.getErrorStream(), errors));
            // a blocked read cannot be interrupted, a queue can
            BlockingQueue<Optional<String>> queue = new LinkedBlockingQueue<>();
            Thread.ofVirtual().start(() -> readLines(process.getInputStream(), queue));
            boolean begun = false;
            for (Optional<String> line = queue.take(); line.isPresent(); line = queue.take()) {
                if (begun) {
                    lines.accept(line.get());
                }
                begun |= line.get().equals(Privilege.MARKER);
            }
            int code = process.waitFor();
            errorReader.join(Duration.ofSeconds(2));
            synchronized (errors) {
                return new Outcome(code, List.copyOf(errors));
            }
        } catch (InterruptedException e) {
            throw Exec.interrupted(e);
        } finally {
            process.destroyForcibly();
            running.remove(process);
        }
    }

    private static void feed(Process process, String input) {
        try (OutputStream in = process.getOutputStream()) {
            in.write((Privilege.MARKER + "\n" + input).getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // it ended without reading all; how it ended says more
            process.destroy();
        }
    }

    private static void readLines(InputStream out, BlockingQueue<Optional<String>> queue) {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(out, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                queue.add(Optional.of(line));
            }
        } catch (IOException e) {
            // the process was ended
        } finally {
            queue.add(Optional.empty());
        }
    }

    private static void readErrors(InputStream err, Deque<String> errors) {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(err, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                synchronized (errors) {
                    if (line.equals(Privilege.MARKER)) {
                        errors.clear();
                        continue;
                    }
                    errors.addLast(line);
                    if (errors.size() > ERROR_LINES) {
                        errors.removeFirst();
                    }
                }
            }
        } catch (IOException e) {
            // the process was ended
        }
    }

    /** Ends what still runs. */
    @Override
    public void close() {
        running.forEach(Process::destroyForcibly);
    }
}
