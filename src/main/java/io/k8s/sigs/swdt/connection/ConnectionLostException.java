package io.k8s.sigs.swdt.connection;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The connection broke while something ran. The message is fit for a user. */
public final class ConnectionLostException extends IOException {

    private static final long serialVersionUID = 1L;

    public ConnectionLostException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
