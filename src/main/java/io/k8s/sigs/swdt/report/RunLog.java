package io.k8s.sigs.swdt.report;

import io.k8s.sigs.swdt.host.StateFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a run said, with times: in memory until its cluster is known, then in a file that stays. The
 * last 20 of a folder are kept. Thread-safe.
 */
public final class RunLog implements AutoCloseable {

    private static final int KEPT = 20;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");
    private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss");

    private final List<String> early = new ArrayList<>();
    private @Nullable Path file;
    private @Nullable PrintWriter writer;

    /**
     * Moves into a file that only the user may read.
     *
     * @param folder for logs; made if it is not there
     * @param command e.g. {@code create}
     */
    public synchronized void keep(Path folder, String command) throws IOException {
        Files.createDirectories(folder);
        List<Path> old;
        try (Stream<Path> files = Files.list(folder)) {
            old = files.filter(f -> f.toString().endsWith(".log")).sorted().toList();
        }
        for (int i = 0; i < old.size() - KEPT + 1; i++) {
            Files.deleteIfExists(old.get(i)); // another run tidies, too
        }
        Path target = folder.resolve(now().format(NAME) + "-" + command + ".log").toAbsolutePath();
        StateFolder.write(target, "");
        writer = new PrintWriter(Files.newBufferedWriter(target, StandardCharsets.UTF_8), true);
        file = target;
        early.forEach(writer::println);
        early.clear();
    }

    /** Where it lies; null while it is in memory. */
    public synchronized @Nullable Path file() {
        return file;
    }

    /** Adds a line. */
    public synchronized void line(String line) {
        String timed = now().format(TIME) + " " + line;
        if (writer == null) {
            early.add(timed);
        } else {
            writer.println(timed);
        }
    }

    @Override
    public synchronized void close() {
        if (writer != null) {
            writer.close();
        }
    }

    private static LocalDateTime now() {
        return LocalDateTime.now(ZoneId.systemDefault());
    }
}
