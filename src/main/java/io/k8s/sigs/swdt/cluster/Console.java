package io.k8s.sigs.swdt.cluster;

import io.k8s.sigs.swdt.engine.RunEvent;
import io.k8s.sigs.swdt.value.Secret;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What the use cases need of the person's side: output, questions and a progress view. */
public interface Console {

    /** A result, to standard output, as it is. */
    void result(String text);

    /**
     * A result in the chosen form, to standard output.
     *
     * @param text lines for people
     * @param data the same for programs
     */
    void result(String text, Map<String, Object> data);

    /** A secret that was asked for, to standard output and nowhere else. */
    void reveal(Secret secret);

    /**
     * A table, to standard output in the chosen form.
     *
     * @param columns headings
     * @param rows cells, as many as headings
     */
    void table(List<String> columns, List<List<String>> rows);

    /**
     * From now on all that is said is kept in a log in this folder; what was said before, too.
     *
     * @param folder for logs; made if it is not there
     * @param command e.g. {@code create}
     * @throws IOException if it cannot be written
     */
    void keepLog(Path folder, String command) throws IOException;

    /** A line for the reader, to standard error. */
    void say(String line);

    /**
     * A yes-or-no question on the terminal.
     *
     * @return false also where there is no terminal
     */
    boolean ask(String question);

    /** Whether a person can answer. */
    boolean interactive();

    /**
     * Starts a progress view; events may come from any thread.
     *
     * @param title e.g. {@code creating my-awesome-cluster}
     */
    Progress progress(String title);

    /** A running progress view; closing leaves its final lines on the screen. */
    interface Progress extends Consumer<RunEvent>, AutoCloseable {

        @Override
        void close();
    }
}
