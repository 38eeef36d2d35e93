package io.k8s.sigs.swdt.cluster;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a user asked for, as immutable records: made by the command line, served by the use cases.
 */
public final class Requests {

    private Requests() {}

    /**
     * Which cluster is meant: by file, by name, or, with both null, the only one that this
     * controller knows.
     */
    public record Selection(@Nullable Path config, @Nullable String cluster) {}

    /**
     * What all commands that reach hosts have.
     *
     * @param yes no question is asked
     * @param dryRun print the plan, touch nothing
     * @param timeout for the whole run
     * @param acceptNewHostKeys unknown SSH host keys are accepted and remembered
     * @param breakLock another controller's lock is taken over
     * @param verbose more is said: remote commands counted, stack traces shown
     */
    public record Common(
            Selection selection,
            boolean yes,
            boolean dryRun,
            Duration timeout,
            boolean acceptNewHostKeys,
            boolean breakLock,
            boolean verbose) {}

    /**
     * @param test whether the cluster is tested at the end
     */
    public record Create(Common common, boolean test) {}

    /**
     * @param force also what was altered since is put back
     */
    public record Destroy(Common common, boolean force) {}

    /** {@code cluster status}. */
    public record Status(Common common) {}

    /** {@code cluster test}. */
    public record Test(Common common) {}

    /**
     * {@code node enable-ssh}.
     *
     * @param node the node's name
     */
    public record EnableSsh(Common common, String node) {}

    /** What {@code get} gets. */
    public enum Kind {
        KUBECONFIG,
        NODES,
        PODS
    }

    /**
     * @param kind what is wanted
     * @param output {@code table}, {@code json} or {@code yaml}
     */
    public record Get(Common common, Kind kind, String output) {}
}
