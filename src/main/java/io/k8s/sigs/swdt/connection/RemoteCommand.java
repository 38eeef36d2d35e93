package io.k8s.sigs.swdt.connection;

import java.util.List;

/**
 * A script for a shell of the host.
 *
 * @param shell which one
 * @param script a short fixed script that never contains values. For {@link Shell#POSIX} in one
 *     line, free of single quotes, backslashes and exclamation marks, so that every login shell
 *     (sh, bash, fish, csh) passes it on unchanged. For {@link Shell#POWERSHELL} of at most {@link
 *     #LONGEST_POWERSHELL} characters; it finds {@code $o} (a writer to standard output), {@code
 *     $i} (the stream of standard input), {@code $u} (UTF-8) and {@code l} (reads a line of input)
 * @param arguments its {@code $1}, {@code $2}…: letters, digits and {@code / . _ - : = ,} only,
 *     never secrets (command lines are visible to all users of a host). None for PowerShell
 * @param input its standard input, in full, sent as UTF-8; may hold secrets
 */
public record RemoteCommand(Shell shell, String script, List<String> arguments, String input) {

    /**
     * A command line of Windows' cmd.exe has 8191 characters, of which base64 of UTF-16 takes 8/3.
     */
    static final int LONGEST_POWERSHELL = 2000;

    public RemoteCommand {
        arguments = List.copyOf(arguments);
        switch (shell) {
            case POSIX -> {
                if (script.matches("(?s).*['\\\\!\n].*")) {
                    throw new IllegalArgumentException(
                            "a remote script may hold no single quote, backslash, exclamation mark or"
                                    + " line feed");
                }
            }
            case POWERSHELL -> {
                if (script.length() > LONGEST_POWERSHELL || !arguments.isEmpty()) {
                    throw new IllegalArgumentException(
                            "too long for a command line of Windows, or with arguments");
                }
            }
        }
        for (String argument : arguments) {
            if (!argument.matches("[A-Za-z0-9/._:=,-]*")) {
                throw new IllegalArgumentException(
                        "'" + argument + "' is not fit for a command line: send it as input");
            }
        }
    }

    /** For the POSIX shell. */
    public RemoteCommand(String script, List<String> arguments, String input) {
        this(Shell.POSIX, script, arguments, input);
    }

    /** For PowerShell. */
    public static RemoteCommand powerShell(String script, String input) {
        return new RemoteCommand(Shell.POWERSHELL, script, List.of(), input);
    }

    /** What runs scripts on a host. */
    public enum Shell {
        POSIX,
        /** Windows PowerShell 5.1, which every Windows has. */
        POWERSHELL
    }
}
