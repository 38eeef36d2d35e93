package io.k8s.sigs.swdt.cluster;

import io.k8s.sigs.swdt.agent.Agent;
import io.k8s.sigs.swdt.agent.AgentEvent;
import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.connection.ConnectException;
import io.k8s.sigs.swdt.connection.Connector;
import io.k8s.sigs.swdt.engine.HostTakenException;
import io.k8s.sigs.swdt.engine.Patience;
import io.k8s.sigs.swdt.engine.Programs;
import io.k8s.sigs.swdt.engine.Remote;
import io.k8s.sigs.swdt.engine.RunEvent;
import io.k8s.sigs.swdt.host.Facts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The hosts of a cluster: connected, and looked at. */
final class Site implements AutoCloseable {

    private final Connector connector;
    private final Patience patience;
    private final Consumer<RunEvent> events;
    private final Map<String, Remote> remotes = new LinkedHashMap<>();
    private final Map<String, Facts> facts = new ConcurrentHashMap<>();

    Site(Connector connector, Patience patience, Consumer<RunEvent> events) {
        this.connector = connector;
        this.patience = patience;
        this.events = events;
    }

    /** What is done on one host. */
    interface Task<T> {
        T on(Cluster.Node node, Remote remote) throws IOException;
    }

    /**
     * Connects to all nodes at once and reads their facts; all that are out of reach are refused
     * together.
     */
    void look(List<Cluster.Node> nodes) {
        nodes.forEach(n ->
                events.accept(new RunEvent.HostPhase(n.name(), RunEvent.Phase.CONNECTING, "")));
        connect(nodes);
        each(
                nodes,
                (node, remote) -> {
                    events.accept(new RunEvent.HostPhase(node.name(), RunEvent.Phase.LOOKING, ""));
                    facts.put(node.name(), read(remote));
                    return true;
                });
    }

    /**
     * The same for a reader who wants to know about the others, too.
     *
     * @return why hosts are out of reach, by node name
     */
    Map<String, String> lookAtThoseInReach(List<Cluster.Node> nodes) {
        connect(nodes);
        Map<String, String> answers =
                each(
                        nodes,
                        (node, remote) -> {
                            try {
                                facts.put(node.name(), read(remote));
                                return "";
                            } catch (IOException e) {
                                return String.valueOf(e.getMessage());
                            }
                        });
        answers.values().removeIf(String::isEmpty);
        return answers;
    }

    /** Sets connections up; the first command of each dials. */
    void connect(List<Cluster.Node> nodes) {
        for (Cluster.Node node : nodes) {
            try {
                remotes.computeIfAbsent(node.name(), _ -> connect(node));
            } catch (UncheckedIOException e) {
                throw new Failure(
                        ExitCode.UNREACHABLE,
                        Failure.Reason.of(
                                node.name(),
                                "its connection cannot be set up: " + e.getMessage(),
                                "look at ~/.ssh/config"));
            }
        }
    }

    private Remote connect(Cluster.Node node) {
        try {
            return new Remote(connector.connection(node), Agent.of(node.os()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A node's host by PowerShell Direct, whatever its usual way is. */
    Remote direct(Cluster.Node node, Cluster.Direct direct) {
        return remotes.computeIfAbsent(
                node.name(), _ -> new Remote(connector.direct(node, direct), Agent.of(node.os())));
    }

    /** The public key by which swdt would log in to a node by SSH: a line, or empty. */
    String publicKey(Cluster.Node node) throws IOException {
        return connector.publicKey(node);
    }

    private Facts read(Remote remote) throws IOException {
        Map<String, List<List<String>>> records = new LinkedHashMap<>();
        Instant before = Instant.now();
        new Programs(remote, patience)
                .read(
                        remote.agent().facts(),
                        event -> {
                            if (event instanceof AgentEvent.Fact(var name, var values)) {
                                records.computeIfAbsent(name, _ -> new ArrayList<>()).add(values);
                            }
                        });
        // the host read its clock somewhere between sending and answer
        Instant middle = before.plus(Duration.between(before, Instant.now()).dividedBy(2));
        return Facts.of(records, middle);
    }

    /** Programs that an earlier run left are asked to end after their step, and waited for. */
    void settle(List<Cluster.Node> nodes) {
        each(
                nodes,
                (node, _) -> {
                    settle(node);
                    return true;
                });
    }

    private void settle(Cluster.Node node) throws IOException {
        Facts seen = facts(node);
        String running = seen.running().orElse("");
        if (running.isEmpty()) {
            return;
        }
        Remote remote = remote(node);
        events.accept(
                new RunEvent.Note(
                        node.name(),
                        "a program of an interrupted run still works here; waiting for its change to end"));
        remote.connection().run(remote.agent().stop(running), _ -> {});
        new Programs(remote, patience).follow(running, _ -> {});
        facts.put(node.name(), read(remote));
    }

    Facts facts(Cluster.Node node) {
        Facts found = facts.get(node.name());
        if (found == null) {
            throw new IllegalStateException(node.name() + " was not looked at");
        }
        return found;
    }

    Map<String, Facts> facts() {
        return Map.copyOf(facts);
    }

    Remote remote(Cluster.Node node) {
        Remote found = remotes.get(node.name());
        if (found == null) {
            throw new IllegalStateException(node.name() + " was not connected to");
        }
        return found;
    }

    Map<String, Remote> remotes() {
        return Map.copyOf(remotes);
    }

    /** Does the same on several hosts at once; all faults are thrown together. */
    <T> Map<String, T> each(List<Cluster.Node> nodes, Task<T> task) {
        Map<String, Future<T>> running = new LinkedHashMap<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Cluster.Node node : nodes) {
                running.put(node.name(), threads.submit(() -> task.on(node, remote(node))));
            }
        }
        Map<String, T> results = new LinkedHashMap<>();
        List<Failure.Reason> reasons = new ArrayList<>();
        Throwable cause = null;
        boolean taken = false;
        for (Map.Entry<String, Future<T>> entry : running.entrySet()) {
            try {
                results.put(entry.getKey(), entry.getValue().get());
            } catch (ExecutionException e) {
                cause = e.getCause();
                taken |= cause instanceof HostTakenException;
                reasons.add(reason(entry.getKey(), cause));
                events.accept(
                        new RunEvent.HostPhase(
                                entry.getKey(),
                                RunEvent.Phase.FAILED,
                                String.valueOf(cause == null ? e : cause.getMessage())));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted after all hosts answered", e);
            }
        }
        if (!reasons.isEmpty()) {
            throw new Failure(taken ? ExitCode.LOCKED : ExitCode.UNREACHABLE, reasons, cause);
        }
        return results;
    }

    static Failure.Reason reason(String host, @Nullable Throwable fault) {
        if (fault instanceof ConnectException e) {
            return Failure.Reason.of(host, String.valueOf(e.getMessage()), e.next());
        }
        if (fault instanceof IOException e) {
            return Failure.Reason.of(
                    host,
                    String.valueOf(e.getMessage()),
                    "look whether the host is well, then run the same command again");
        }
        throw new IllegalStateException("on " + host, fault);
    }

    @Override
    public void close() {
        remotes.values().forEach(r -> r.connection().close());
        connector.close();
    }
}
