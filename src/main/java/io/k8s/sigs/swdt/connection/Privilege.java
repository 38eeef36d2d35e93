package io.k8s.sigs.swdt.connection;

import java.util.List;

/**
 * Root's privilege within the one command line that runs a script: as root itself, by sudo with or
 * without a password, or by doas. Whatever the login shell is, it sees words in single quotes only.
 */
final class Privilege {

    /** Ends what precedes a script on its standard input, and begins its own output. */
    static final String MARKER = "#swdt";

    // $1: the script; $2: whether sudo gets a password on standard input; the rest: the script's
    // arguments
    private static final String RISE =
            "s=\"$1\"; m=\"$2\"; shift 2; LC_ALL=C; export LC_ALL; "
                    + "if [ \"$(id -u)\" = 0 ]; then exec /bin/sh -c \"$s\" swdt \"$@\"; fi; "
                    + "if [ \"$m\" = password ]; then exec sudo -S -p \"\" /bin/sh -c \"$s\" swdt \"$@\"; fi; "
                    + "if command -v sudo >/dev/null 2>&1; then exec sudo -n /bin/sh -c \"$s\" swdt \"$@\"; fi; "
                    + "if command -v doas >/dev/null 2>&1; then exec doas -n /bin/sh -c \"$s\" swdt \"$@\"; fi; "
                    + "echo \"swdt: neither sudo nor doas\" >&2; exit 77";

    // reads byte by byte, so that what follows the marker is left for the script; a password that
    // sudo did not want ends here
    private static final String BEGIN =
            "while IFS= read -r l; do if [ \"$l\" = \""
                    + MARKER
                    + "\" ]; then break; fi; done; unset l; echo \""
                    + MARKER
                    + "\"; ";

    private Privilege() {}

    static String commandLine(RemoteCommand command, boolean password) {
        StringBuilder line = new StringBuilder("/bin/sh -c '").append(RISE).append("' swdt '");
        line.append(BEGIN)
                .append(command.script())
                .append("' ")
                .append(password ? "password" : "plain");
        command.arguments().forEach(a -> line.append(" '").append(a).append('\''));
        return line.toString();
    }

    /** Why a script never began. */
    static ConnectException refusal(Login login, int exitCode, List<String> errors) {
        String all = String.join("\n", errors);
        String what;
        String next;
        if (all.contains("neither sudo nor doas")) {
            what = "is not root, and there is neither sudo nor doas";
            next = "log in as root, or install sudo";
        } else if (all.contains("a password is required") && login.sudoPassword() == null) {
            what = "needs a password for sudo";
            next = "set ssh.sudoPassword: {env: NAME}, or allow sudo without one";
        } else if (all.contains("Sorry, try again")
                || all.contains("incorrect password")
                || all.contains("no password was provided")) {
            what = "is refused by sudo: the password is wrong";
            next = "correct what ssh.sudoPassword names";
        } else if (all.contains("not in the sudoers") || all.contains("not allowed to")) {
            what = "may not use sudo";
            next = "add the user to the sudoers, or log in as root";
        } else {
            what =
                    "could not run a command as root (exit code "
                            + exitCode
                            + ")"
                            + (errors.isEmpty() ? "" : ": " + errors.getLast());
            next = "try by hand on the host: sudo -n id";
        }
        return new ConnectException(
                ConnectException.Kind.PRIVILEGE,
                "the user " + login.user() + " " + what,
                next,
                null);
    }
}
