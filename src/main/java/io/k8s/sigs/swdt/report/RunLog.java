package io.k8s.sigs.swdt.report;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** What a run said, with times, in a file that stays; the last 20 are kept. Thread-safe. */
public final class RunLog implements Consumer<String>, AutoCloseable {

    private static final int KEPT = 20;

    private final Path file;
    private final PrintWriter writer;

    private RunLog(Path file, PrintWriter writer) {
        this.file = file;
        this.writer = writer;
    }

    /**
     * @param folder for logs; made if it is not there
     * @param command e.g. {@code cluster-create}
     */
    public static RunLog open(Path folder, String command) throws IOException {
        Files.createDirectories(folder);
        List<Path> old;
        try (Stream<Path> files = Files.list(folder)) {
            old = files.filter(f -> f.toString().endsWith(".log")).sorted().toList();
        }
        for (int i = 0; i < old.size() - KEPT + 1; i++) {
            Files.delete(old.get(i));
        }
        String name =
                LocalDateTime.now(ZoneId.systemDefault())
                                .format(DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss"))
                        + "-"
                        + command
                        + ".log";
        Path file = folder.resolve(name);
        return new RunLog(
                file, new PrintWriter(Files.newBufferedWriter(file, StandardCharsets.UTF_8), true));
    }

    /** Where it lies. */
    public Path file() {
        return file;
    }

    @Override
    public synchronized void accept(String line) {
        writer.println(
                LocalDateTime.now(ZoneId.systemDefault())
                                .format(DateTimeFormatter.ofPattern("HH:mm:ss.SSS"))
                        + " "
                        + line);
    }

    @Override
    public synchronized void close() {
        writer.close();
    }
}
