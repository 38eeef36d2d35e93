package io.k8s.sigs.swdt.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Runs commands of this machine for the lab, without time limits: the script has its own. */
final class Commands {

    private Commands() {}

    /**
     * @param exit exit code
     * @param stdout what it wrote, UTF-8
     * @param stderr what it wrote there
     */
    record Result(int exit, String stdout, String stderr) {}

    /** Runs a command to its end. */
    static Result run(Map<String, String> environment, String stdin, String... command) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().putAll(environment);
            Process process = builder.start();
            // threads of their own: the common pool may have one only, which another command holds
            Executor own = work -> Thread.ofPlatform().daemon().start(work);
            var stdout = CompletableFuture.supplyAsync(() -> all(process.getInputStream()), own);
            var stderr = CompletableFuture.supplyAsync(() -> all(process.getErrorStream()), own);
            feed(process, stdin);
            int exit = process.waitFor();
            return new Result(exit, stdout.join(), stderr.join());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted: " + String.join(" ", command), e);
        }
    }

    /**
     * Runs a command that must succeed.
     *
     * @return its standard output
     * @throws IllegalStateException with its output if it fails
     */
    static String output(Map<String, String> environment, String... command) {
        Result result = run(environment, "", command);
        if (result.exit() != 0) {
            throw failed(List.of(command), result.exit(), result.stdout() + result.stderr());
        }
        return result.stdout();
    }

    /** Runs a command that must succeed and passes its lines to standard error as they come. */
    static void show(String... command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            StringBuilder text = new StringBuilder();
            try (var lines =
                    new BufferedReader(
                            new InputStreamReader(
                                    process.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    System.err.println(line);
                    text.append(line).append('\n');
                }
            }
            int exit = process.waitFor();
            if (exit != 0) {
                throw failed(List.of(command), exit, text.toString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted: " + String.join(" ", command), e);
        }
    }

    /** A small file's text. */
    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What to throw when a command that had to succeed did not. */
    static IllegalStateException failed(List<String> command, int exit, String output) {
        return new IllegalStateException(
                String.join(" ", command) + " ended with " + exit + ":\n" + output);
    }

    private static String all(InputStream in) {
        try (in) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void feed(Process process, String stdin) {
        try (OutputStream out = process.getOutputStream()) {
            out.write(stdin.getBytes(StandardCharsets.UTF_8));
        } catch (IOException _) {
            // a command that ends without reading all it was given has closed the pipe: its exit
            // code says whether that was right
        }
    }
}
