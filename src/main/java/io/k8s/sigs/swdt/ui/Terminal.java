package io.k8s.sigs.swdt.ui;

import io.k8s.sigs.swdt.cluster.Console;
import io.k8s.sigs.swdt.value.Json;
import io.k8s.sigs.swdt.value.Yaml;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** The person's side: results to standard output, all else to standard error. Thread-safe. */
public final class Terminal implements Console {

    private final PrintStream out;
    private final PrintStream err;
    private final boolean interactive;
    private final String output;
    private final Consumer<String> log;

    /**
     * @param interactive whether a person can answer
     * @param output {@code table}, {@code json} or {@code yaml}
     * @param log gets each line of the progress too
     */
    public Terminal(
            PrintStream out,
            PrintStream err,
            boolean interactive,
            String output,
            Consumer<String> log) {
        this.out = out;
        this.err = err;
        this.interactive = interactive;
        this.output = output;
        this.log = log;
    }

    /** Whether standard input and output are a terminal. */
    @SuppressWarnings("SystemConsoleNull") // the annotated JDK still says that it may be null
    public static boolean personPresent() {
        java.io.Console person = System.console();
        return person != null && person.isTerminal();
    }

    @Override
    public void result(String text) {
        out.println(text);
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
        switch (output) {
            case "json" -> out.println(Json.write(objects));
            case "yaml" -> out.print(Yaml.write(objects));
            default -> out.print(TableText.of(columns, rows));
        }
    }

    @Override
    public void say(String line) {
        log.accept(line);
        err.println(line);
    }

    @Override
    @SuppressWarnings("SystemConsoleNull") // as above
    public boolean ask(String question) {
        if (!interactive) {
            return false;
        }
        java.io.Console person = System.console();
        String answer = person == null ? null : person.readLine("%s [y/N] ", question);
        return answer != null && answer.strip().toLowerCase(Locale.ROOT).matches("y|yes");
    }

    @Override
    public boolean interactive() {
        return interactive;
    }

    @Override
    public Progress progress(String title) {
        if (output.equals("json")) {
            return new JsonProgress(out::println);
        }
        return new PlainProgress(title, this::say);
    }
}
