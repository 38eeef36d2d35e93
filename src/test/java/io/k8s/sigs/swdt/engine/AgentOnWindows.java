package io.k8s.sigs.swdt.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.k8s.sigs.swdt.agent.Agent;
import io.k8s.sigs.swdt.agent.AgentEvent;
import io.k8s.sigs.swdt.agent.RunSecrets;
import io.k8s.sigs.swdt.agent.Session;
import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.connection.Connection;
import io.k8s.sigs.swdt.connection.HostKeys;
import io.k8s.sigs.swdt.connection.Outcome;
import io.k8s.sigs.swdt.connection.RemoteCommand;
import io.k8s.sigs.swdt.connection.SshConnector;
import io.k8s.sigs.swdt.lab.Lab;
import io.k8s.sigs.swdt.lab.LabHost;
import io.k8s.sigs.swdt.lab.ScriptCoverage;
import io.k8s.sigs.swdt.lab.WindowsBelongings;
import io.k8s.sigs.swdt.plan.Change;
import io.k8s.sigs.swdt.value.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * The agent on a Windows-like host that has things of its user: programs are made and run as the
 * engine does, without plans.
 */
final class AgentOnWindows implements AutoCloseable {

    private final LabHost host;
    private final SshConnector connector;
    private final Remote remote;
    private final List<String> before;
    private final AtomicInteger runs = new AtomicInteger();

    AgentOnWindows(Lab lab, Path home, String name) throws IOException {
        host = lab.windows(name);
        WindowsBelongings.bring(host);
        before = WindowsBelongings.picture(host);
        connector =
                new SshConnector(
                        new HostKeys(home.resolve("none"), home.resolve("ours"), (_, _) -> true),
                        home,
                        "someone",
                        Map.of(),
                        Duration.ofSeconds(15));
        Cluster.Ssh ssh =
                new Cluster.Ssh(
                        null,
                        "Administrator",
                        null,
                        lab.keyFile(),
                        null,
                        null,
                        null,
                        false,
                        null,
                        null);
        Cluster.Node node =
                new Cluster.Node(
                        name,
                        Cluster.Role.WORKER,
                        Cluster.Os.WINDOWS,
                        host.address(),
                        ssh,
                        null,
                        Map.of(),
                        List.of());
        remote = new Remote(new AsFile(connector.connection(node)), Agent.of(Cluster.Os.WINDOWS));
    }

    LabHost host() {
        return host;
    }

    Remote remote() {
        return remote;
    }

    /** The id of the program that was started last. */
    String last() {
        return "p" + runs;
    }

    static Session session(String cluster, String run, List<String> over) {
        return new Session(cluster, "uid of " + cluster, "0.1.0", run, over, "anna@here", 600);
    }

    List<AgentEvent> run(String id, RemoteCommand start) throws IOException {
        return run(id, start, _ -> {});
    }

    private List<AgentEvent> run(String id, RemoteCommand start, Consumer<AgentEvent> deed)
            throws IOException {
        List<AgentEvent> events = new ArrayList<>();
        Patience patience =
                new Patience(
                        Instant.now().plusSeconds(300),
                        Duration.ofSeconds(60),
                        Duration.ofMillis(100));
        new Programs(remote, patience)
                .run(
                        id,
                        start,
                        event -> {
                            events.add(event);
                            deed.accept(event);
                        },
                        () -> {});
        return events;
    }

    List<AgentEvent> apply(Session session, boolean last, Change... changes) throws IOException {
        String id = "p" + runs.incrementAndGet();
        return run(id, remote.agent().apply(id, session, last, List.of(changes), RunSecrets.NONE));
    }

    /** Makes changes and does something with each event as it comes. */
    List<AgentEvent> apply(Consumer<AgentEvent> deed, Change... changes) throws IOException {
        String id = "p" + runs.incrementAndGet();
        return run(
                id,
                remote.agent()
                        .apply(
                                id,
                                session("c1", "run1", List.of()),
                                true,
                                List.of(changes),
                                RunSecrets.NONE),
                deed);
    }

    /** Uploads what a step waits for as soon as it does. */
    List<AgentEvent> applyUpload(Path file, Change change) throws IOException {
        Sha256 sha256 = change.upload().orElseThrow().sha256();
        return apply(
                event -> {
                    if (event instanceof AgentEvent.StepState s && s.state().equals("started")) {
                        try {
                            remote.connection()
                                    .upload(
                                            file,
                                            sha256.hex(),
                                            remote.agent().uploadPath(sha256),
                                            _ -> {});
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    }
                },
                change);
    }

    List<AgentEvent> apply(Change... changes) throws IOException {
        return apply(session("c1", "run1", List.of()), true, changes);
    }

    List<AgentEvent> revert(boolean force) throws IOException {
        String id = "p" + runs.incrementAndGet();
        return run(
                id,
                remote.agent().revert(id, session("c1", "run9", List.of("run1", "run2")), force));
    }

    List<AgentEvent> check(Change... changes) throws IOException {
        return run("check", remote.agent().check(List.of(changes)));
    }

    /** What became of the steps: state, key and detail. */
    static List<String> steps(List<AgentEvent> events) {
        return events.stream()
                .filter(e -> e instanceof AgentEvent.StepState)
                .map(AgentEvent.StepState.class::cast)
                .filter(s -> !s.state().equals("started"))
                .map(s ->
                        s.state() + " " + s.key() + (s.detail().isEmpty() ? "" : ": " + s.detail()))
                .toList();
    }

    /** Reverts all, by force; the host is as it was before the first change. */
    void giveBack() throws IOException {
        if (host.has("/C:/ProgramData/swdt/owner")) {
            assertThat(revert(true)).noneMatch(e -> e instanceof AgentEvent.Difference);
        }
        assertThat(host.has("/C:/ProgramData/swdt")).isFalse();
    }

    /** What is not as it was when this began. */
    List<String> difference() {
        return WindowsBelongings.difference(before, host);
    }

    @Override
    public void close() {
        connector.close();
    }

    /** Runs the agent's library as a file, whose lines are noted; elsewhere it is run as text. */
    private record AsFile(Connection connection) implements Connection {

        private static final String AS_TEXT = ".([scriptblock]::Create($x));";
        private static final String AS_FILE =
                "$f='Z:\\var\\tmp\\"
                        + ScriptCoverage.LIBRARY
                        + "';[IO.File]::WriteAllText($f,$x);. $f;";

        @Override
        public String name() {
            return connection.name();
        }

        @Override
        public Outcome run(RemoteCommand command, Consumer<String> lines) throws IOException {
            assertThat(command.script()).contains(AS_TEXT);
            return connection.run(
                    RemoteCommand.powerShell(
                            command.script().replace(AS_TEXT, AS_FILE), command.input()),
                    lines);
        }

        @Override
        public void upload(Path file, String sha256, String destination, LongConsumer progress)
                throws IOException {
            connection.upload(file, sha256, destination, progress);
        }

        @Override
        public int roundTrips() {
            return connection.roundTrips();
        }

        @Override
        public void close() {
            connection.close();
        }
    }
}
