package io.k8s.sigs.swdt.cluster;

import io.k8s.sigs.swdt.artifact.ArtifactException;
import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.engine.Engine;
import io.k8s.sigs.swdt.engine.HostTakenException;
import io.k8s.sigs.swdt.engine.RunEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What the ends of runs mean to the user: all reasons at once, and an exit code. Pure. */
final class Ends {

    // where lanes end in several ways: what the user must look at first gives the exit code
    private static final List<ExitCode> SEVERITY =
            List.of(
                    ExitCode.CHANGE_FAILED,
                    ExitCode.LOCKED,
                    ExitCode.ARTIFACT,
                    ExitCode.UNREACHABLE);

    private Ends() {}

    /** Throws what the lanes of a run ended with, if any did not reach its end. */
    static void check(Cluster cluster, List<Engine.LaneResult> results, boolean expired) {
        List<Failure.Reason> reasons = new ArrayList<>();
        Set<ExitCode> exits = EnumSet.noneOf(ExitCode.class);
        Throwable cause = null;
        boolean stopped = false;
        for (Engine.LaneResult result : results) {
            stopped |= result.phase() == RunEvent.Phase.STOPPED;
            RunEvent.ChangeFailed failed = result.failure();
            IOException fault = result.fault();
            if (failed != null) {
                exits.add(ExitCode.CHANGE_FAILED);
                reasons.add(changeFailed(failed));
            } else if (fault != null) {
                exits.add(
                        fault instanceof HostTakenException
                                ? ExitCode.LOCKED
                                : fault instanceof ArtifactException
                                        ? ExitCode.ARTIFACT
                                        : ExitCode.UNREACHABLE);
                reasons.add(
                        fault instanceof ArtifactException a
                                ? Failure.Reason.of(
                                        result.host(), String.valueOf(a.getMessage()), a.next())
                                : Site.reason(result.host(), fault));
                cause = fault;
            }
        }
        if (!reasons.isEmpty()) {
            throw new Failure(
                    SEVERITY.stream().filter(exits::contains).findFirst().orElseThrow(),
                    reasons,
                    cause);
        }
        if (stopped) {
            throw incomplete(cluster, expired);
        }
    }

    /**
     * @param expired whether it stopped because its time was over
     */
    static Failure incomplete(Cluster cluster, boolean expired) {
        return stopped(
                "stopped before " + cluster.name() + " was complete",
                "run the same command again to go on, or swdt cluster destroy to undo what was done",
                expired);
    }

    /** The end of a run that did not end by itself. */
    static Failure stopped(String what, String next, boolean expired) {
        return new Failure(
                expired ? ExitCode.FAILED : ExitCode.INTERRUPTED,
                Failure.Reason.of(
                        null,
                        what + (expired ? ": the time of the run (--timeout) was over" : ""),
                        next));
    }

    private static Failure.Reason changeFailed(RunEvent.ChangeFailed failed) {
        List<Failure.Detail> details = new ArrayList<>();
        details.add(new Failure.Detail("change", failed.key()));
        if (!failed.command().isEmpty()) {
            details.add(new Failure.Detail("command", failed.command()));
        }
        if (failed.exitCode() >= 0) {
            details.add(new Failure.Detail("exit", Integer.toString(failed.exitCode())));
        }
        details.add(new Failure.Detail("output", String.join("\n", failed.output())));
        details.add(new Failure.Detail("log", failed.log()));
        return new Failure.Reason(
                failed.host(),
                failed.key() + " failed: " + failed.message(),
                details,
                "mend what the output names, then run the same command again: finished work is kept");
    }
}
