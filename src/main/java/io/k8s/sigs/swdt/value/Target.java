package io.k8s.sigs.swdt.value;

import org.jspecify.annotations.Nullable;

/**
 * Where to log in: {@code user@host:22}.
 *
 * @param user login name, or null where none was given
 * @param host name or address, never empty
 * @param port TCP port, 1 to 65535, or 0 where none was given
 */
public record Target(@Nullable String user, String host, int port) {

    public Target {
        if (host.isEmpty() || host.startsWith("-") || host.matches("(?s).*[\\s@/].*")) {
            throw new IllegalArgumentException("'" + host + "' is not a host name or address");
        }
        if (user != null && (user.isEmpty() || user.startsWith("-"))) {
            throw new IllegalArgumentException("'" + user + "' is not a user name");
        }
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("port " + port + " is not within 1 to 65535");
        }
    }

    /**
     * @param text {@code [user@]host[:port]}
     * @throws IllegalArgumentException with a message fit for a user, if the text is anything else
     */
    public static Target parse(String text) {
        int at = text.lastIndexOf('@');
        String user = at < 0 ? null : text.substring(0, at);
        String rest = text.substring(at + 1);
        int colon = rest.lastIndexOf(':');
        if (colon < 0) {
            return new Target(user, rest, 0);
        }
        String port = rest.substring(colon + 1);
        if (!port.matches("[1-9][0-9]{0,4}")) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not of the form user@host:port, port within 1 to 65535");
        }
        return new Target(user, rest.substring(0, colon), Integer.parseInt(port));
    }

    @Override
    public String toString() {
        return (user == null ? "" : user + "@") + host + (port == 0 ? "" : ":" + port);
    }
}
