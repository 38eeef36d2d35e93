package io.k8s.sigs.swdt.ui;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/**
 * The terminal as something that has a width and obeys escapes: on Windows, too. Opened for live
 * views only: it takes a tenth of a second.
 */
final class Screen {

    /** Columns and lines. */
    record Size(int columns, int lines) {}

    private static final Size USUAL = new Size(80, 24);

    private final Terminal terminal;

    private Screen(Terminal terminal) {
        this.terminal = terminal;
    }

    static Screen open() {
        try {
            // signals are ours; and probing for wide characters would wait for the terminal's
            // answer
            return new Screen(
                    TerminalBuilder.builder()
                            .system(true)
                            .provider("jni")
                            .nativeSignals(false)
                            .graphemeCluster(false)
                            .build());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void write(String text) {
        terminal.writer().print(text);
        terminal.flush();
    }

    /** Asked anew each time: windows are resized. */
    Size size() {
        org.jline.terminal.Size now = terminal.getSize();
        return now.getColumns() > 0 && now.getRows() > 0
                ? new Size(now.getColumns(), now.getRows())
                : USUAL;
    }

    void close() {
        try {
            terminal.close();
        } catch (IOException _) {
            // the run's outcome does not depend on it
        }
    }
}
