package io.k8s.sigs.swdt.connection;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The host could not be reached, or refused the login, its key or the privilege. The message is fit
 * for a user.
 */
public final class ConnectException extends IOException {

    private static final long serialVersionUID = 1L;

    public ConnectException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
