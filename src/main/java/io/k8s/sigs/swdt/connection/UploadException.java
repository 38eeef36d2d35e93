package io.k8s.sigs.swdt.connection;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The host could not store an uploaded file. The message is fit for a user. */
public final class UploadException extends IOException {

    private static final long serialVersionUID = 1L;

    public UploadException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** What the exit codes of the scripts that store a file mean. */
    static UploadException of(String destination, Outcome outcome) {
        List<String> errors = outcome.errorLines();
        String what =
                switch (outcome.exitCode()) {
                    case 70 -> "the folder for " + destination + " could not be made";
                    case 71 -> destination + " could not be written (is the disk full?)";
                    case 72 -> destination + " did not arrive as its checksum says";
                    default ->
                            String.format(
                                    "%s could not be stored (exit code %d)",
                                    destination, outcome.exitCode());
                };
        return new UploadException(errors.isEmpty() ? what : what + ": " + errors.getLast(), null);
    }
}
