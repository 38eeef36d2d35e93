package io.k8s.sigs.swdt.connection;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The host could not be reached, or refused the login, its key or the privilege. */
public final class ConnectException extends IOException {

    private static final long serialVersionUID = 1L;

    private final Kind kind;
    private final String next;

    /**
     * @param message what failed, fit for a user
     * @param next what the user does next
     */
    public ConnectException(Kind kind, String message, String next, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.next = next;
    }

    /** What was refused. */
    public Kind kind() {
        return kind;
    }

    /** What the user does next. */
    public String next() {
        return next;
    }

    /** Whether waiting can help: only where nobody has answered yet. */
    public boolean transientFault() {
        return kind == Kind.UNREACHABLE;
    }

    /** Kinds of refusal. */
    public enum Kind {
        UNREACHABLE,
        HOST_KEY,
        AUTHENTICATION,
        PRIVILEGE
    }
}
