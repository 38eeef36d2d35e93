package io.k8s.sigs.swdt.engine;

import java.io.IOException;
import java.util.List;

/** A program on a host ended without an end event: the host could not run it at all. */
public final class ProgramException extends IOException {

    private static final long serialVersionUID = 1L;

    private final int exitCode;
    private final transient List<String> output;

    ProgramException(int exitCode, List<String> output) {
        super(
                "the agent did not run (exit code "
                        + exitCode
                        + ")"
                        + (output.isEmpty() ? "" : ": " + output.getLast()));
        this.exitCode = exitCode;
        this.output = List.copyOf(output);
    }

    /** Exit code of the remote command. */
    public int exitCode() {
        return exitCode;
    }

    /** The last lines of its standard error. */
    public List<String> output() {
        return output;
    }
}
