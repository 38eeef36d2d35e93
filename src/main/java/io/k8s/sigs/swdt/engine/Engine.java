package io.k8s.sigs.swdt.engine;

import io.k8s.sigs.swdt.agent.RunSecrets;
import io.k8s.sigs.swdt.agent.Session;
import io.k8s.sigs.swdt.artifact.Artifact;
import io.k8s.sigs.swdt.plan.Plan;
import io.k8s.sigs.swdt.value.Secret;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs a plan: every host its own lane on a thread of its own, no barriers; a lane waits only for
 * the steps that its own steps name.
 */
public final class Engine {

    private final Map<String, Remote> remotes;
    private final Fetcher fetcher;
    private final Tokens tokens;
    private final Patience patience;
    private final Cancellation cancellation;
    private final Consumer<RunEvent> events;

    /**
     * @param remotes by node name
     * @param fetcher brings artifacts to the controller
     * @param tokens asked once the control plane has what a step waits for
     * @param events called from all lanes' threads
     */
    public Engine(
            Map<String, Remote> remotes,
            Fetcher fetcher,
            Tokens tokens,
            Patience patience,
            Cancellation cancellation,
            Consumer<RunEvent> events) {
        this.remotes = Map.copyOf(remotes);
        this.fetcher = fetcher;
        this.tokens = tokens;
        this.patience = patience;
        this.cancellation = cancellation;
        this.events = events;
    }

    /** Brings an artifact's bytes, verified, to this machine. */
    public interface Fetcher {

        /**
         * @throws IOException with a message fit for a user
         */
        Path fetch(Artifact artifact) throws IOException;
    }

    /** Gives tokens of the cluster's service accounts. */
    public interface Tokens {

        /**
         * @param account {@code NAMESPACE/NAME}
         * @throws IOException with a message fit for a user
         */
        Secret of(String account) throws IOException;
    }

    /**
     * How a lane ended.
     *
     * @param host its node
     * @param phase {@code DONE}, {@code FAILED} or {@code STOPPED}
     * @param failure the change that failed, or null
     * @param fault what else went wrong, or null
     */
    public record LaneResult(
            String host,
            RunEvent.Phase phase,
            RunEvent.@Nullable ChangeFailed failure,
            @Nullable IOException fault) {}

    /**
     * Runs the plan to its end, or to the end of each lane.
     *
     * @param session who runs
     * @param secrets the run's token
     * @param caHash the cluster's CA hash where the control plane is there already, else null
     * @return one result a host, in the plan's order
     */
    public List<LaneResult> run(
            Plan plan, Session session, RunSecrets secrets, @Nullable String caHash) {
        Milestones milestones = new Milestones(plan);
        CompletableFuture<String> hash = new CompletableFuture<>();
        if (caHash != null) {
            hash.complete(caHash);
        }
        List<Future<LaneResult>> lanes = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            plan.hosts()
                    .forEach((host, steps) -> {
                        Remote remote = remotes.get(host);
                        if (remote == null) {
                            throw new IllegalArgumentException("no connection to " + host);
                        }
                        Lane lane =
                                new Lane(
                                        host,
                                        remote,
                                        fetcher,
                                        tokens,
                                        patience,
                                        cancellation,
                                        events,
                                        milestones,
                                        hash);
                        lanes.add(threads.submit(() -> lane.run(steps, session, secrets)));
                    });
        }
        return lanes.stream().map(Engine::result).toList();
    }

    private static LaneResult result(Future<LaneResult> lane) {
        try {
            return lane.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a lane broke", e.getCause());
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted after all lanes have ended", e);
        }
    }
}
