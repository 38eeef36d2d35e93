package io.k8s.sigs.swdt.connection;

import java.util.List;

/**
 * A script for the host's POSIX shell.
 *
 * @param script a short fixed script in one line, free of single quotes, backslashes and
 *     exclamation marks, so that every login shell (sh, bash, fish, csh) passes it on unchanged; it
 *     never contains values
 * @param arguments its {@code $1}, {@code $2}…: letters, digits and {@code / . _ - : = ,} only,
 *     never secrets (command lines are visible to all users of a host)
 * @param input its standard input, in full, sent as UTF-8; may hold secrets
 */
public record RemoteCommand(String script, List<String> arguments, String input) {

    public RemoteCommand {
        arguments = List.copyOf(arguments);
        if (script.matches("(?s).*['\\\\!\n].*")) {
            throw new IllegalArgumentException(
                    "a remote script may hold no single quote, backslash, exclamation mark or line"
                            + " feed");
        }
        for (String argument : arguments) {
            if (!argument.matches("[A-Za-z0-9/._:=,-]*")) {
                throw new IllegalArgumentException(
                        "'" + argument + "' is not fit for a command line: send it as input");
            }
        }
    }
}
