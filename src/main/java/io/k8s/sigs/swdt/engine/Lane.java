package io.k8s.sigs.swdt.engine;

import io.k8s.sigs.swdt.agent.AgentEvent;
import io.k8s.sigs.swdt.agent.RunSecrets;
import io.k8s.sigs.swdt.agent.Session;
import io.k8s.sigs.swdt.connection.RemoteCommand;
import io.k8s.sigs.swdt.plan.Change;
import io.k8s.sigs.swdt.plan.Plan;
import io.k8s.sigs.swdt.plan.Step;
import io.k8s.sigs.swdt.value.Secret;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One host's part of a run. Used by one thread; only {@link #stop} may come from another. */
final class Lane {

    private static final int TRIES = 3;
    // a mark that a restart is wanted may be stale, and stay whatever one does
    private static final int RESTARTS = 2;

    private final String host;
    private final Remote remote;
    private final Engine.Fetcher fetcher;
    private final Engine.Tokens tokens;
    private final Patience patience;
    private final Cancellation cancellation;
    private final Consumer<RunEvent> events;
    private final Milestones milestones;
    private final CompletableFuture<String> caHash;
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();
    private final List<String> log = new ArrayList<>();
    private volatile @Nullable String program;
    private RunEvent.@Nullable ChangeFailed failure;
    private int restarts;

    Lane(
            String host,
            Remote remote,
            Engine.Fetcher fetcher,
            Engine.Tokens tokens,
            Patience patience,
            Cancellation cancellation,
            Consumer<RunEvent> events,
            Milestones milestones,
            CompletableFuture<String> caHash) {
        this.host = host;
        this.remote = remote;
        this.fetcher = fetcher;
        this.tokens = tokens;
        this.patience = patience;
        this.cancellation = cancellation;
        this.events = events;
        this.milestones = milestones;
        this.caHash = caHash;
    }

    Engine.LaneResult run(List<Step> steps, Session session, RunSecrets secrets) {
        events.accept(new RunEvent.Planned(host, steps.size()));
        cancellation.onRequest(this::stop);
        try {
            RunEvent.Phase end = RunEvent.Phase.DONE;
            List<List<Step>> stretches = Plan.stretches(steps);
            for (int i = 0; i < stretches.size() && end == RunEvent.Phase.DONE; i++) {
                end = stretch(stretches.get(i), i + 1 == stretches.size(), session, secrets);
            }
            events.accept(new RunEvent.HostPhase(host, end, ""));
            return new Engine.LaneResult(host, end, failure, null);
        } catch (IOException e) {
            String message = e.getMessage() == null ? e.toString() : e.getMessage();
            events.accept(new RunEvent.HostPhase(host, RunEvent.Phase.FAILED, message));
            return new Engine.LaneResult(host, RunEvent.Phase.FAILED, null, e);
        } finally {
            milestones.closed(host);
        }
    }

    private RunEvent.Phase stretch(
            List<Step> steps, boolean last, Session session, RunSecrets secrets)
            throws IOException {
        for (Step.Link link : steps.getFirst().after()) {
            if (!await(link)) {
                return RunEvent.Phase.STOPPED;
            }
        }
        List<Change> changes = steps.stream().map(Step::change).toList();
        for (int attempt = 1; ; attempt++) {
            if (cancellation.requested()) {
                return RunEvent.Phase.STOPPED;
            }
            AgentEvent.Ended ended = attempt(changes, last, session, complete(changes, secrets));
            switch (ended.how()) {
                case "ok" -> {
                    return RunEvent.Phase.DONE;
                }
                case "failed" -> {
                    return RunEvent.Phase.FAILED;
                }
                case "stopped" -> {
                    return RunEvent.Phase.STOPPED;
                }
                case "reboot" -> {
                    if (++restarts > RESTARTS) {
                        throw new IOException(
                                "still waits for a restart after "
                                        + RESTARTS
                                        + " of them: look at what is pending there (Windows Update)");
                    }
                    events.accept(new RunEvent.Note(host, "restarts; waiting for its next start"));
                    Restarts.await(remote, ended.detail(), patience, cancellation);
                    attempt = 0;
                }
                case "lost", "gone" -> {
                    if (attempt == TRIES) {
                        throw new IOException(
                                "the program on the host was ended "
                                        + TRIES
                                        + " times by something else than swdt");
                    }
                    events.accept(
                            new RunEvent.Note(
                                    host,
                                    "the program on the host was cut off; starting it again ("
                                            + (attempt + 1)
                                            + "/"
                                            + TRIES
                                            + ")"));
                }
                default -> throw new HostTakenException(ended.how(), ended.detail());
            }
        }
    }

    private AgentEvent.Ended attempt(
            List<Change> changes, boolean last, Session session, RunSecrets secrets)
            throws IOException {
        String id = session.run() + "-" + Long.toString(System.nanoTime(), 36);
        // known before anything can go wrong with it: who wants to stop it must find it
        program = id;
        if (cancellation.requested()) {
            program = null;
            return new AgentEvent.Ended("stopped", "");
        }
        events.accept(new RunEvent.HostPhase(host, RunEvent.Phase.RUNNING, ""));
        try (Uploads uploads =
                Uploads.start(host, remote, fetcher, patience, events, changes, this::halt)) {
            AgentEvent.Ended ended =
                    run(id, remote.agent().apply(id, session, last, changes, secrets));
            if (!ended.how().equals("ok")) {
                // else the host needed no more of them
                uploads.rethrow();
            }
            return ended;
        }
    }

    private AgentEvent.Ended run(String id, RemoteCommand start) throws IOException {
        try {
            return new Programs(remote, patience)
                    .run(
                            id,
                            start,
                            this::accept,
                            () ->
                                    events.accept(
                                            new RunEvent.Note(
                                                    host,
                                                    "the connection broke; waiting for the host to come back")));
        } finally {
            program = null;
        }
    }

    private RunSecrets complete(List<Change> changes, RunSecrets secrets) throws IOException {
        Map<String, Secret> accounts = new LinkedHashMap<>();
        for (Change change : changes) {
            String account = change.tokenOf().orElse("");
            if (!account.isEmpty()) {
                accounts.put(account, tokens.of(account));
            }
        }
        RunSecrets complete = accounts.isEmpty() ? secrets : secrets.withAccounts(accounts);
        return withCaHash(changes, complete);
    }

    private RunSecrets withCaHash(List<Change> changes, RunSecrets secrets) throws IOException {
        if (changes.stream().noneMatch(c -> c instanceof Change.KubeadmJoin)) {
            return secrets;
        }
        String hash = caHash.getNow("");
        if (hash.isEmpty()) {
            throw new IOException("the control plane did not tell the hash of its CA");
        }
        return secrets.withCaHash(hash);
    }

    /** Waits for another host's step; false if it will not come, or the run is to stop. */
    private boolean await(Step.Link link) throws IOException {
        CompletableFuture<Void> done = milestones.done(link);
        if (!done.isDone()) {
            events.accept(
                    new RunEvent.HostPhase(
                            host, RunEvent.Phase.WAITING, link.host() + ": " + link.key()));
        }
        try {
            CompletableFuture.anyOf(done, stopped)
                    .get(patience.left().toMillis(), TimeUnit.MILLISECONDS);
            return !cancellation.requested();
        } catch (ExecutionException e) {
            events.accept(
                    new RunEvent.Note(
                            host,
                            "waited for "
                                    + link.key()
                                    + " on "
                                    + link.host()
                                    + ", which ended without it"));
            return false;
        } catch (TimeoutException e) {
            throw new IOException(
                    "waited for "
                            + link.key()
                            + " on "
                            + link.host()
                            + " until the run's time was over",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void accept(AgentEvent event) {
        switch (event) {
            case AgentEvent.StepState(var key, var state, var took, var detail) -> {
                events.accept(
                        new RunEvent.ChangeState(
                                host, key, RunEvent.State.of(state), took, detail));
                if (state.equals("applied") || state.equals("kept")) {
                    milestones.reached(host, key);
                }
            }
            case AgentEvent.Log(var line) -> log.add(line);
            case AgentEvent.StepFailed f -> {
                List<String> lines = new ArrayList<>(log);
                failure =
                        new RunEvent.ChangeFailed(
                                host,
                                f.key(),
                                f.exitCode(),
                                f.message(),
                                f.command(),
                                lines,
                                f.log());
                events.accept(failure);
            }
            case AgentEvent.Output(var name, var value) -> {
                if (name.equals("ca-hash")) {
                    caHash.complete(value);
                }
            }
            case AgentEvent.Started _,
                    AgentEvent.Check _,
                    AgentEvent.Fact _,
                    AgentEvent.Verdict _,
                    AgentEvent.Difference _,
                    AgentEvent.Ended _,
                    AgentEvent.Noise _ -> {}
        }
    }

    /**
     * The run is to stop: wakes a waiting lane, and asks a running program to end after its step.
     */
    private void stop() {
        stopped.complete(null);
        halt();
    }

    private void halt() {
        String running = program;
        if (running != null) {
            Thread.ofVirtual()
                    .start(() -> {
                        try {
                            new Programs(remote, patience)
                                    .stop(running, () -> running.equals(program));
                        } catch (IOException e) {
                            events.accept(
                                    new RunEvent.Note(
                                            host, "could not be told to stop: " + e.getMessage()));
                        }
                    });
        }
    }
}
