package io.k8s.sigs.swdt.connection;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The host could not store an uploaded file. The message is fit for a user. */
public final class UploadException extends IOException {

    private static final long serialVersionUID = 1L;

    public UploadException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
