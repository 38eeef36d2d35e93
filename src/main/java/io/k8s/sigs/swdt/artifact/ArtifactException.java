package io.k8s.sigs.swdt.artifact;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A file could not be had, or is not what it should be. The message is fit for a user. */
public final class ArtifactException extends IOException {

    private static final long serialVersionUID = 1L;

    private final String next;

    /**
     * @param next what the user does next
     */
    public ArtifactException(String message, String next, @Nullable Throwable cause) {
        super(message, cause);
        this.next = next;
    }

    /** What the user does next. */
    public String next() {
        return next;
    }
}
