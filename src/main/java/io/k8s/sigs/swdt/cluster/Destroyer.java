package io.k8s.sigs.swdt.cluster;

import io.k8s.sigs.swdt.agent.AgentEvent;
import io.k8s.sigs.swdt.agent.Session;
import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.engine.HostTakenException;
import io.k8s.sigs.swdt.engine.Programs;
import io.k8s.sigs.swdt.engine.Remote;
import io.k8s.sigs.swdt.engine.RunEvent;
import io.k8s.sigs.swdt.host.Facts;
import io.k8s.sigs.swdt.value.Count;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * {@code cluster destroy}: replays the journals backwards and compares each host with what it was.
 */
final class Destroyer {

    private static final int TRIES = 3;

    private final Run run;
    private final Site site;
    private final Consumer<RunEvent> events;

    Destroyer(Run run, Site site, Consumer<RunEvent> events) {
        this.run = run;
        this.site = site;
        this.events = events;
    }

    /**
     * A change that was not undone.
     *
     * @param change its key
     * @param reason why
     * @param output the last lines of the host's log where undoing it failed, else empty
     */
    record Left(String change, String reason, List<String> output) {

        Left {
            output = List.copyOf(output);
        }
    }

    /**
     * What was left on a host.
     *
     * @param left changes that were left alone
     * @param differences lines that the host has more ({@code +}) or less ({@code -}) than before
     * @param stopped whether the user wished to stop before all was undone
     */
    record Remains(List<Left> left, List<String> differences, boolean stopped) {

        boolean none() {
            return left.isEmpty() && differences.isEmpty() && !stopped;
        }

        @Override
        public String toString() {
            return Count.of(left.size(), "change")
                    + " left alone, "
                    + Count.of(differences.size(), "difference");
        }
    }

    /** The nodes whose hosts know swdt at all, with their journals. */
    List<Cluster.Node> owned() {
        site.look(run.cluster().nodes());
        return run.cluster().nodes().stream()
                .filter(n -> site.facts(n).owner().isPresent() || site.facts(n).has("blob"))
                .toList();
    }

    Session session() {
        Session session = run.session(site, run.cluster().nodes());
        if (!run.common().dryRun()) { // it stops what still runs there
            site.settle(run.cluster().nodes());
        }
        return session;
    }

    Facts facts(Cluster.Node node) {
        return site.facts(node);
    }

    /** Gives hosts back, all at the same time. */
    Map<String, Remains> giveBack(List<Cluster.Node> nodes, Session session, boolean force) {
        return site.each(nodes, (node, remote) -> giveBack(node, remote, session, force));
    }

    private Remains giveBack(Cluster.Node node, Remote remote, Session session, boolean force)
            throws IOException {
        events.accept(new RunEvent.Planned(node.name(), site.facts(node).journal().size()));
        events.accept(new RunEvent.HostPhase(node.name(), RunEvent.Phase.RUNNING, ""));
        for (int attempt = 1; ; attempt++) {
            List<Left> left = new ArrayList<>();
            List<String> differences = new ArrayList<>();
            List<String> output = new ArrayList<>();
            String id = session.run() + "-" + Long.toString(System.nanoTime(), 36);
            AtomicBoolean running = new AtomicBoolean(true);
            run.cancellation().onRequest(() -> stop(node.name(), remote, id, running));
            AgentEvent.Ended ended =
                    new Programs(remote, run.patience())
                            .run(
                                    id,
                                    remote.agent().revert(id, session, force),
                                    e -> accept(node.name(), e, left, differences, output),
                                    () ->
                                            events.accept(
                                                    new RunEvent.Note(
                                                            node.name(),
                                                            "the connection broke; waiting for the host to come back")));
            running.set(false);
            if (ended.how().equals("ok")) {
                Remains remains = new Remains(left, differences, false);
                events.accept(
                        remains.none()
                                ? new RunEvent.HostPhase(node.name(), RunEvent.Phase.DONE, "")
                                : new RunEvent.HostPhase(
                                        node.name(), RunEvent.Phase.DIFFERENT, remains.toString()));
                return remains;
            }
            if (ended.how().equals("stopped")) {
                events.accept(new RunEvent.HostPhase(node.name(), RunEvent.Phase.STOPPED, ""));
                return new Remains(left, differences, true);
            }
            if (List.of("locked", "busy", "foreign").contains(ended.how())) {
                throw new HostTakenException(ended.how(), ended.detail());
            }
            if (attempt == TRIES || !List.of("lost", "gone").contains(ended.how())) {
                throw new IOException(
                        "giving the host back ended with '" + ended.how() + "' " + ended.detail());
            }
        }
    }

    private void stop(String host, Remote remote, String program, AtomicBoolean running) {
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        new Programs(remote, run.patience()).stop(program, running::get);
                    } catch (IOException e) {
                        events.accept(
                                new RunEvent.Note(
                                        host, "could not be told to stop: " + e.getMessage()));
                    }
                });
    }

    private void accept(
            String host,
            AgentEvent event,
            List<Left> left,
            List<String> differences,
            List<String> output) {
        switch (event) {
            case AgentEvent.StepState(var key, var state, var took, var detail) -> {
                events.accept(
                        new RunEvent.ChangeState(
                                host, key, RunEvent.State.of(state), took, detail));
                if (state.equals("left")) {
                    left.add(new Left(key, detail, output));
                }
                output.clear();
            }
            case AgentEvent.Log(var line) -> output.add(line);
            case AgentEvent.Difference(var sign, var line) -> differences.add(sign + " " + line);
            case AgentEvent.Started _,
                    AgentEvent.Check _,
                    AgentEvent.StepFailed _,
                    AgentEvent.Output _,
                    AgentEvent.Fact _,
                    AgentEvent.Verdict _,
                    AgentEvent.Ended _,
                    AgentEvent.Noise _ -> {}
        }
    }
}
