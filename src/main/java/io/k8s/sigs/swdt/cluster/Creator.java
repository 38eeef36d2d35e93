package io.k8s.sigs.swdt.cluster;

import io.k8s.sigs.swdt.agent.AgentEvent;
import io.k8s.sigs.swdt.agent.RunSecrets;
import io.k8s.sigs.swdt.agent.Scripts;
import io.k8s.sigs.swdt.agent.Session;
import io.k8s.sigs.swdt.artifact.ArtifactException;
import io.k8s.sigs.swdt.artifact.ArtifactSet;
import io.k8s.sigs.swdt.artifact.ArtifactStore;
import io.k8s.sigs.swdt.artifact.Resolver;
import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.connection.Connection;
import io.k8s.sigs.swdt.connection.Outcome;
import io.k8s.sigs.swdt.engine.Engine;
import io.k8s.sigs.swdt.engine.Programs;
import io.k8s.sigs.swdt.engine.RunEvent;
import io.k8s.sigs.swdt.host.Facts;
import io.k8s.sigs.swdt.plan.Change;
import io.k8s.sigs.swdt.plan.Plan;
import io.k8s.sigs.swdt.plan.Step;
import io.k8s.sigs.swdt.recipe.Context;
import io.k8s.sigs.swdt.recipe.Fitness;
import io.k8s.sigs.swdt.recipe.Kubectl;
import io.k8s.sigs.swdt.recipe.LinuxNode;
import io.k8s.sigs.swdt.recipe.WindowsNode;
import io.k8s.sigs.swdt.value.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** {@code cluster create}: look, plan, confirm, run. */
final class Creator {

    private final Run run;
    private final Site site;
    private final Consumer<RunEvent> events;
    private final ArtifactStore store;
    private final Cluster cluster;

    Creator(Run run, Site site, Consumer<RunEvent> events) {
        this.run = run;
        this.site = site;
        this.events = events;
        this.cluster = run.cluster();
        try {
            this.store = ArtifactStore.open(run.environment().cache(), mirror());
        } catch (ArtifactException e) {
            throw failure(e);
        }
    }

    /**
     * A plan, and who carries it out.
     *
     * @param plan only what does not hold yet
     * @param verdicts by {@code host key}: {@code add} or {@code alter}
     */
    record Planned(
            Plan plan, Map<String, String> verdicts, Session session, @Nullable String caHash) {}

    /** Reads all hosts and says what would be done. Changes nothing. */
    Planned plan() {
        site.look(cluster.nodes());
        Session session = run.session(site, cluster.nodes());
        if (!run.common().dryRun()) { // it stops what still runs there
            site.settle(cluster.nodes());
        }
        List<Fitness.Refusal> refusals = Fitness.refusals(cluster, site.facts());
        if (!refusals.isEmpty()) {
            throw new Failure(
                    ExitCode.NOT_FIT,
                    refusals.stream()
                            .map(r -> Failure.Reason.of(r.host(), r.what(), r.next()))
                            .toList(),
                    null);
        }
        Fitness.warnings(cluster, site.facts())
                .forEach((host, texts) ->
                        texts.forEach(text -> events.accept(new RunEvent.Note(host, text))));
        Map<String, List<Step>> wanted = steps(artifacts());
        Map<String, Map<String, String>> checks =
                site.each(
                        cluster.nodes(),
                        (node, remote) -> {
                            Map<String, String> verdicts = new HashMap<>();
                            new Programs(remote, run.patience())
                                    .read(
                                            remote.agent().check(changes(wanted.get(node.name()))),
                                            e -> {
                                                if (e
                                                        instanceof
                                                        AgentEvent.Check(var key, var verdict)) {
                                                    verdicts.put(key, verdict);
                                                }
                                            });
                            return verdicts;
                        });
        return pruned(wanted, checks, session);
    }

    /** Carries a plan out. */
    List<Engine.LaneResult> carryOut(Planned planned) {
        Engine engine =
                new Engine(
                        site.remotes(),
                        a ->
                                store.fetch(
                                        a,
                                        (name, n) ->
                                                events.accept(new RunEvent.Fetch(name, n, -1))),
                        this::token,
                        run.patience(),
                        run.cancellation(),
                        events);
        // a join that began in time may end after it
        RunSecrets secrets = RunSecrets.create(run.patience().left().plusMinutes(5));
        return engine.run(planned.plan(), planned.session(), secrets, planned.caHash());
    }

    private Secret token(String account) throws IOException {
        Connection connection = site.remote(cluster.controlPlane()).connection();
        StringBuilder token = new StringBuilder();
        Outcome outcome = connection.run(Kubectl.token(account), token::append);
        if (outcome.exitCode() != 0) {
            throw new IOException(
                    "no token for the service account "
                            + account
                            + " (exit code "
                            + outcome.exitCode()
                            + "): "
                            + String.join(" ", outcome.errorLines()));
        }
        return new Secret(token.toString());
    }

    private @Nullable String mirror() {
        String fromFile = cluster.artifacts().mirror();
        String fromEnvironment = run.environment().variables().getOrDefault("SWDT_MIRROR", "");
        return fromFile != null ? fromFile : fromEnvironment.isEmpty() ? null : fromEnvironment;
    }

    private ArtifactSet artifacts() {
        try {
            String name = run.file().getFileName().toString().replaceFirst("\\.ya?ml$", "");
            return Resolver.resolve(
                    cluster,
                    store,
                    run.file().toAbsolutePath().resolveSibling(name + ".lock.yaml"),
                    !run.common().dryRun(),
                    site.facts().values().stream().map(Facts::platform).distinct().toList());
        } catch (ArtifactException e) {
            throw failure(e);
        }
    }

    static Failure failure(ArtifactException e) {
        return new Failure(
                ExitCode.ARTIFACT,
                List.of(Failure.Reason.of(null, String.valueOf(e.getMessage()), e.next())),
                e);
    }

    private Map<String, List<Step>> steps(ArtifactSet artifacts) {
        String manifest;
        try {
            Path file = store.fetch(artifacts.file("flannel-manifest", "any"), (_, _) -> {});
            manifest = Files.readString(file);
        } catch (ArtifactException e) {
            throw failure(e);
        } catch (IOException e) {
            throw failure(
                    new ArtifactException(
                            "flannel's manifest cannot be read: " + e.getMessage(),
                            "look at the cache " + run.environment().cache(),
                            e));
        }
        LinuxNode recipe = new LinuxNode(manifest);
        Map<String, List<Step>> steps = new LinkedHashMap<>();
        for (Cluster.Node node : cluster.nodes()) {
            Context context = new Context(cluster, node, site.facts(node), artifacts);
            steps.put(
                    node.name(),
                    switch (node.os()) {
                        case LINUX -> recipe.steps(context, true);
                        case WINDOWS -> new WindowsNode(Scripts.windowsNetwork()).steps(context);
                    });
        }
        return steps;
    }

    private static List<Change> changes(@Nullable List<Step> steps) {
        return steps == null ? List.of() : steps.stream().map(Step::change).toList();
    }

    private Planned pruned(
            Map<String, List<Step>> wanted,
            Map<String, Map<String, String>> checks,
            Session session) {
        Map<String, String> verdicts = new HashMap<>();
        Map<String, List<Step>> open = new LinkedHashMap<>();
        wanted.forEach((host, steps) -> {
            Map<String, String> verdictsOfHost = checks.getOrDefault(host, Map.of());
            List<Step> left = new ArrayList<>();
            for (Step step : steps) {
                String verdict = verdictsOfHost.getOrDefault(step.change().key(), "add");
                if (!verdict.equals("keep")) {
                    left.add(step);
                    verdicts.put(host + " " + step.change().key(), verdict);
                }
            }
            open.put(host, left);
        });
        // a node that somebody reset joins again, whatever its journal says
        List<Cluster.Node> joining =
                cluster.workers().stream()
                        .filter(n ->
                                open.getOrDefault(n.name(), List.of()).stream()
                                        .anyMatch(s -> s.change() instanceof Change.KubeadmJoin))
                        .toList();
        Map<String, List<Step>> plan = new LinkedHashMap<>();
        open.forEach((host, steps) -> {
            List<Step> kept = new ArrayList<>(steps);
            if (joining.isEmpty()) {
                kept.removeIf(s -> s.change() instanceof Change.Token);
            } else if (host.equals(cluster.controlPlane().name())) {
                Step end = LinuxNode.end(joining);
                kept.add(end);
                verdicts.put(host + " " + end.change().key(), "add");
            }
            if (!kept.isEmpty()) {
                plan.put(host, kept);
            }
        });
        String hash = site.facts(cluster.controlPlane()).text("ca-hash");
        boolean initialised =
                open.getOrDefault(cluster.controlPlane().name(), List.of()).stream()
                        .noneMatch(s -> s.change() instanceof Change.KubeadmInit);
        return new Planned(
                new Plan(plan), verdicts, session, initialised && !hash.isEmpty() ? hash : null);
    }
}
