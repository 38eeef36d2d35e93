package io.k8s.sigs.swdt.agent;

import io.k8s.sigs.swdt.connection.RemoteCommand;
import java.util.List;

/** The few fixed scripts that stand on command lines; all else is their standard input. */
public final class Bootstrap {

    private static final String READ = "exec sh -s";

    // The follower gets the program through an open descriptor: a short program may have ended, and
    // removed its file, by then.
    private static final String START =
            "umask 077; d=/var/lib/swdt/run/$1; mkdir -p $d && cat > $d/program && : > $d/events"
                    + " || exit 71; exec 5< $d/program; setsid sh $d/program run $1 < /dev/null >>"
                    + " $d/log 2>&1 5<&- & exec sh -s follow $1 0 <&5";

    private static final String FOLLOW = "exec sh -s follow $1 $2";

    private static final String STOP = ": > /var/lib/swdt/run/$1/stop";

    private static final String CAT = "exec cat $1";

    private Bootstrap() {}

    /** Runs a program that only reads, and that is over when the command is. */
    public static RemoteCommand read(String program) {
        return new RemoteCommand(READ, List.of(), program);
    }

    /** Starts a program that outlives the connection, and follows its events. */
    public static RemoteCommand start(String programId, String program) {
        return new RemoteCommand(START, List.of(programId), program);
    }

    /** Follows the events of a program that was started before, without the first lines. */
    public static RemoteCommand follow(String programId, int lines) {
        return new RemoteCommand(
                FOLLOW, List.of(programId, Integer.toString(lines)), LinuxPrograms.follow());
    }

    /** Asks a program to end after the step that runs. */
    public static RemoteCommand stop(String programId) {
        return new RemoteCommand(STOP, List.of(programId), "");
    }

    /** Prints a file. */
    public static RemoteCommand cat(String path) {
        return new RemoteCommand(CAT, List.of(path), "");
    }
}
