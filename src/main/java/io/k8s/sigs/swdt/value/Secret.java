package io.k8s.sigs.swdt.value;

import java.util.Objects;

/**
 * Text that must never be shown: a password, a passphrase, a token. Prints as {@code •••}; the text
 * leaves only through {@link #reveal()}, whose callers hand it to a host's standard input or to a
 * protocol, never to a command line, a log, a journal, a plan or an error.
 */
public final class Secret {

    private final String text;

    public Secret(String text) {
        this.text = Objects.requireNonNull(text, "text is null");
    }

    /** The text itself. */
    public String reveal() {
        return text;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret && secret.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** Three dots, whatever the text is. */
    @Override
    public String toString() {
        return "•••";
    }
}
