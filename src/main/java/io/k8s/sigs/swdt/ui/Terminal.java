package io.k8s.sigs.swdt.ui;

import io.k8s.sigs.swdt.cluster.Console;
import io.k8s.sigs.swdt.value.Json;
import io.k8s.sigs.swdt.value.Secret;
import io.k8s.sigs.swdt.value.Yaml;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The person's side: results to standard output, all else to standard error. Thread-safe. */
public final class Terminal implements Console {

    private final PrintStream out;
    private final PrintStream err;
    private final Style style;
    private final Log log;
    private @Nullable LiveProgress live;
    private volatile boolean asking;

    /**
     * How to speak.
     *
     * @param interactive whether a person can answer
     * @param live whether the progress may be drawn again and again
     * @param colour whether colours may be used
     * @param output {@code table}, {@code json} or {@code yaml}
     */
    public record Style(boolean interactive, boolean live, boolean colour, String output) {

        /** As this process's streams and environment allow it. */
        public static Style of(boolean plain, String output, Map<String, String> environment) {
            boolean person = personPresent();
            boolean dumb = environment.getOrDefault("TERM", "").equals("dumb");
            return new Style(
                    person,
                    person && !plain && !dumb && output.equals("table"),
                    environment.getOrDefault("NO_COLOR", "").isEmpty(),
                    output);
        }
    }

    /** Where all that is said is kept. */
    public interface Log {

        void line(String line);

        void keep(Path folder, String command) throws IOException;
    }

    /**
     * @param log gets each line of the progress, too
     */
    public Terminal(PrintStream out, PrintStream err, Style style, Log log) {
        this.out = out;
        this.err = err;
        this.style = style;
        this.log = log;
    }

    /** Whether standard input and output are a terminal. */
    @SuppressWarnings("SystemConsoleNull") // the annotated JDK still says that it may be null
    public static boolean personPresent() {
        java.io.Console person = System.console();
        return person != null && person.isTerminal();
    }

    @Override
    public void keepLog(Path folder, String command) throws IOException {
        log.keep(folder, command);
    }

    @Override
    public void result(String text) {
        endLive();
        log.line(text);
        out.println(text);
    }

    @Override
    public void result(String text, Map<String, Object> data) {
        endLive();
        log.line(text);
        switch (style.output()) {
            case "json" -> out.println(Json.write(data));
            case "yaml" -> out.print(Yaml.write(List.of(data)));
            default -> out.println(Printable.of(text));
        }
    }

    @Override
    public void reveal(Secret secret) {
        endLive();
        out.println(secret.reveal().stripTrailing());
    }

    @Override
    public void table(List<String> columns, List<List<String>> rows) {
        List<Map<String, String>> objects = new ArrayList<>();
        for (List<String> row : rows) {
            Map<String, String> object = new LinkedHashMap<>();
            for (int i = 0; i < columns.size(); i++) {
                object.put(columns.get(i).toLowerCase(Locale.ROOT), row.get(i));
            }
            objects.add(object);
        }
        endLive();
        TableText.of(columns, rows).lines().forEach(log::line);
        switch (style.output()) {
            case "json" -> out.println(Json.write(objects));
            case "yaml" -> out.print(Yaml.write(objects));
            default -> out.print(TableText.of(columns, rows));
        }
    }

    @Override
    public void say(String line) {
        log.line(line);
        above(() -> err.println(Printable.of(line)));
    }

    @Override
    @SuppressWarnings("SystemConsoleNull") // as above
    public boolean ask(String question) {
        if (!style.interactive()) {
            return false;
        }
        java.io.Console person = System.console();
        asking = true;
        AtomicReference<@Nullable String> answer = new AtomicReference<>();
        above(() -> answer.set(person == null ? null : person.readLine("%s [y/N] ", question)));
        asking = false;
        String text = answer.get();
        log.line(question + " " + text);
        return text != null && text.strip().toLowerCase(Locale.ROOT).matches("y|yes");
    }

    /** Whether a question waits for its answer: nothing runs then. */
    public boolean asking() {
        return asking;
    }

    @Override
    public boolean interactive() {
        return style.interactive();
    }

    @Override
    public synchronized Progress progress(String title) {
        if (style.output().equals("json")) {
            return new JsonProgress(out::println);
        }
        if (!style.live()) {
            return new PlainProgress(title, this::say);
        }
        Screen screen = Screen.open();
        LiveProgress progress =
                new LiveProgress(
                        title,
                        screen::write,
                        screen::size,
                        style.colour(),
                        Instant::now,
                        log::line,
                        screen::close);
        live = progress;
        return progress;
    }

    private void above(Runnable writing) {
        LiveProgress progress = current();
        if (progress == null) {
            writing.run();
        } else {
            progress.above(writing);
        }
    }

    // results come after the run: its last frame stays above them
    private void endLive() {
        LiveProgress progress = current();
        if (progress != null) {
            progress.close();
        }
    }

    private synchronized @Nullable LiveProgress current() {
        return live;
    }
}
