package io.k8s.sigs.swdt.connection;

import java.util.List;

/**
 * How a remote command ended.
 *
 * @param exitCode its exit code; 128 + n where signal n ended it
 * @param errorLines the last lines of its standard error, 40 at most
 */
public record Outcome(int exitCode, List<String> errorLines) {

    public Outcome {
        errorLines = List.copyOf(errorLines);
    }
}
