package io.k8s.sigs.swdt.connection;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Root's privilege within the one command line that runs a script: as root itself, by sudo with or
 * without a password, or by doas. Whatever the login shell is, it sees words in single quotes only.
 */
final class Privilege {

    /** What a script itself prints follows it, on both streams; so does its own input. */
    static final String MARKER = "#swdt";

    // $1: the script; $2: whether sudo gets a password on standard input; the rest: the script's
    // arguments. LC_ALL=C: refusals are told apart by sudo's words.
    private static final String RISE =
            "s=\"$1\"; m=\"$2\"; shift 2; LC_ALL=C; export LC_ALL; if [ \"$(id -u)\" = 0 ]; then"
                    + " exec /bin/sh -c \"$s\" swdt \"$@\"; fi; if command -v sudo >/dev/null 2>&1;"
                    + " then if [ \"$m\" = password ]; then exec sudo -S -p \"\" /bin/sh -c \"$s\""
                    + " swdt \"$@\"; fi; exec sudo -n /bin/sh -c \"$s\" swdt \"$@\"; fi; if command"
                    + " -v doas >/dev/null 2>&1; then exec doas -n /bin/sh -c \"$s\" swdt \"$@\";"
                    + " fi; echo \"swdt: neither sudo nor doas\" >&2; exit 77";

    // An empty line first: what a login shell printed may not have ended with one. The loop reads
    // byte by byte, so that what follows the marker is left for the script; a password that sudo
    // did not want ends here.
    private static final String BEGIN =
            "echo; echo \"#swdt\"; { echo; echo \"#swdt\"; } >&2; while IFS= read -r l; do if ["
                    + " \"$l\" = \"#swdt\" ]; then break; fi; done; unset l; ";

    private static final Pattern WRONG_PASSWORD =
            Pattern.compile(
                    "try again|incorrect (password|authentication)|no password was provided");

    private static final Pattern PASSWORD_WANTED =
            Pattern.compile(
                    "password is required|authentication (is )?required|terminal is required");

    private static final Pattern NOT_ALLOWED =
            Pattern.compile(
                    "not in the sudoers|not allowed to|may not run sudo|operation not permitted");

    private Privilege() {}

    /**
     * @param password whether standard input begins with a line for sudo
     */
    static String commandLine(RemoteCommand command, boolean password) {
        StringBuilder line = new StringBuilder("/bin/sh -c '").append(RISE).append("' swdt '");
        line.append(BEGIN)
                .append(command.script())
                .append("' ")
                .append(password ? "password" : "plain");
        command.arguments().forEach(a -> line.append(" '").append(a).append('\''));
        return line.toString();
    }

    /**
     * Whether sudo asks again for a password after a wrong one. It is not to get another: some
     * hosts lock an account after three (pam_faillock).
     */
    static boolean asksAgain(String errorLine) {
        return errorLine.toLowerCase(Locale.ROOT).contains("try again");
    }

    /**
     * Why a script never began.
     *
     * @param server the SSH server's name of itself
     * @param before the last line on standard output, if any; a login shell may say there that it
     *     refuses
     */
    static ConnectException refusal(
            Login login, String server, int exitCode, List<String> errors, String before) {
        if (server.contains("Windows")) {
            return new ConnectException(
                    ConnectException.Kind.PRIVILEGE,
                    login.host() + " is a Windows host (" + server + ")",
                    "set os: windows, or correct the node's address",
                    null);
        }
        String all = String.join("\n", errors).toLowerCase(Locale.ROOT);
        boolean password = login.sudoPassword() != null;
        if (all.contains("neither sudo nor doas")) {
            return refusal(
                    login,
                    "is not root, and the host has neither sudo nor doas",
                    "log in as root, or install sudo");
        }
        if (all.contains("must have a tty")) {
            return refusal(
                    login,
                    "may use sudo on a terminal only",
                    "add to sudoers on the host: Defaults:" + login.user() + " !requiretty");
        }
        if (NOT_ALLOWED.matcher(all).find()) {
            return refusal(
                    login,
                    "may not become root: " + last(errors),
                    "allow it on the host (visudo), or log in as root");
        }
        if (WRONG_PASSWORD.matcher(all).find()) {
            return refusal(
                    login,
                    "is refused by sudo: the password is wrong",
                    "correct what ssh.sudoPassword names");
        }
        if (PASSWORD_WANTED.matcher(all).find()) {
            return refusal(
                    login,
                    password
                            ? "is not accepted by sudo: " + last(errors)
                            : "needs a password for sudo",
                    "set ssh.sudoPassword: {env: NAME}, or allow sudo without one (NOPASSWD)");
        }
        String said = errors.isEmpty() ? before : last(errors);
        return refusal(
                login,
                "could not run a command as root (exit code "
                        + exitCode
                        + ")"
                        + (said.isBlank() ? "" : ": " + said),
                "try by hand on the host: sudo -n id");
    }

    private static String last(List<String> lines) {
        return lines.isEmpty() ? "" : lines.getLast();
    }

    private static ConnectException refusal(Login login, String what, String next) {
        return new ConnectException(
                ConnectException.Kind.PRIVILEGE,
                "the user " + login.user() + " on " + login.host() + " " + what,
                next,
                null);
    }
}
