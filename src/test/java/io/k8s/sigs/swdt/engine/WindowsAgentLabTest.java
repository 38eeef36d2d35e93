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
import io.k8s.sigs.swdt.lab.LabTest;
import io.k8s.sigs.swdt.lab.ScriptCoverage;
import io.k8s.sigs.swdt.lab.WindowsBelongings;
import io.k8s.sigs.swdt.plan.Change;
import io.k8s.sigs.swdt.plan.WindowsChange;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent for Windows on a Windows-like host: kinds of change, journal, locks. */
@LabTest(windows = true)
class WindowsAgentLabTest {

    private static final String ODD = "it's \"odd\" $x `y` %09 ü €\r\n\tend without a line feed";
    private static final String C = "C:\\odd folder\\";
    private static final String FILE = "file " + C + "a.txt";

    @TempDir static Path home;

    private static LabHost host;
    private static SshConnector connector;
    private static Remote remote;
    private static List<String> before = List.of();
    private static int runs;

    @BeforeAll
    static void a_host_with_things_of_its_user(Lab lab) throws IOException {
        host = lab.windows("winagent");
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
                        "winagent",
                        Cluster.Role.WORKER,
                        Cluster.Os.WINDOWS,
                        host.address(),
                        ssh,
                        null,
                        Map.of(),
                        List.of());
        remote = new Remote(new AsFile(connector.connection(node)), Agent.of(Cluster.Os.WINDOWS));
    }

    @AfterEach
    void all_is_undone() throws IOException {
        if (host.has("/C:/ProgramData/swdt/owner")) {
            List<AgentEvent> reverted = revert(true);
            assertThat(reverted).noneMatch(e -> e instanceof AgentEvent.Difference);
        }
        assertThat(host.has("/C:/ProgramData/swdt")).isFalse();
    }

    @AfterAll
    static void nothing_is_left() {
        if (connector != null) {
            connector.close();
            assertThat(WindowsBelongings.difference(before, host)).isEmpty();
        }
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

    private static Session session(String cluster, String run, List<String> over) {
        return new Session(cluster, "uid of " + cluster, "0.1.0", run, over, "anna@here", 600);
    }

    private static List<AgentEvent> run(String id, RemoteCommand start) throws IOException {
        List<AgentEvent> events = new ArrayList<>();
        Patience patience =
                new Patience(
                        Instant.now().plusSeconds(300),
                        Duration.ofSeconds(60),
                        Duration.ofMillis(100));
        new Programs(remote, patience).run(id, start, events::add, () -> {});
        return events;
    }

    private static List<AgentEvent> apply(Session session, boolean last, Change... changes)
            throws IOException {
        String id = "p" + ++runs;
        return run(id, remote.agent().apply(id, session, last, List.of(changes), RunSecrets.NONE));
    }

    private static List<AgentEvent> apply(Change... changes) throws IOException {
        return apply(session("c1", "run1", List.of()), true, changes);
    }

    private static List<AgentEvent> revert(boolean force) throws IOException {
        String id = "p" + ++runs;
        return run(
                id,
                remote.agent().revert(id, session("c1", "run9", List.of("run1", "run2")), force));
    }

    private static List<AgentEvent> check(Change... changes) throws IOException {
        return run("check", remote.agent().check(List.of(changes)));
    }

    private static List<String> steps(List<AgentEvent> events) {
        return events.stream()
                .filter(e -> e instanceof AgentEvent.StepState)
                .map(AgentEvent.StepState.class::cast)
                .filter(s -> !s.state().equals("started"))
                .map(s ->
                        s.state() + " " + s.key() + (s.detail().isEmpty() ? "" : ": " + s.detail()))
                .toList();
    }

    private static AgentEvent end(List<AgentEvent> events) {
        return events.getLast();
    }

    private static Change.TextFile file(String name, String text) {
        return new Change.TextFile(C + name, "0644", text);
    }

    @Test
    void files_get_exactly_their_text_and_go_again_with_their_folders() throws IOException {
        Change kubectl = new Change.TextFile("C:\\k\\kubectl.exe", "0644", "new");

        assertThat(check(file("a.txt", ODD), kubectl))
                .startsWith(
                        new AgentEvent.Check(FILE, "add"),
                        new AgentEvent.Check("file C:\\k\\kubectl.exe", "alter"));
        assertThat(steps(apply(file("a.txt", ODD), kubectl)))
                .containsExactly("applied " + FILE, "applied file C:\\k\\kubectl.exe");
        assertThat(host.read("/C:/odd folder/a.txt")).isEqualTo(ODD);
        assertThat(check(file("a.txt", ODD))).startsWith(new AgentEvent.Check(FILE, "keep"));
        assertThat(steps(apply(file("a.txt", ODD)))).containsExactly("kept " + FILE);
        assertThat(steps(revert(false)))
                .containsExactly("reverted file C:\\k\\kubectl.exe", "reverted " + FILE);
    }

    @Test
    void what_was_altered_since_is_left_alone_unless_forced() throws IOException {
        apply(file("a.txt", "ours"));
        host.write("/C:/odd folder/a.txt", "the user's");

        List<AgentEvent> reverted = revert(false);

        assertThat(steps(reverted))
                .containsExactly(
                        "left "
                                + FILE
                                + ": altered since swdt left it; --force puts it back all the same");
        assertThat(reverted)
                .contains(new AgentEvent.Difference("+", "name C:\\odd folder"))
                .endsWith(new AgentEvent.Ended("ok", ""));
        assertThat(host.read("/C:/odd folder/a.txt")).isEqualTo("the user's");
    }

    @Test
    void blocks_stay_as_they_are_until_they_are_wanted_otherwise() throws IOException {
        String hosts = "C:\\Windows\\System32\\drivers\\etc\\hosts";
        apply(new Change.FileBlock(hosts, "swdt c1", "10.0.0.1 cp1"));
        String text = host.read("/etc/hosts");
        assertThat(text)
                .endsWith(
                        "\r\n  10.9.8.6 odd\r\n# BEGIN swdt c1\r\n10.0.0.1 cp1\r\n# END swdt c1\r\n");

        apply(new Change.FileBlock(hosts, "swdt c1", "10.0.0.1 cp1\n10.0.0.2 win1"));

        assertThat(host.read("/etc/hosts"))
                .isEqualTo(text.replace("cp1\r\n", "cp1\r\n10.0.0.2 win1\r\n"));
        apply(new Change.FileBlock(C + "new", "swdt c1", "alone"));
        assertThat(host.read("/C:/odd folder/new"))
                .isEqualTo("# BEGIN swdt c1\r\nalone\r\n# END swdt c1\r\n");
    }

    @Test
    void settings_of_the_system_come_back_with_their_kinds() throws IOException {
        String overrides =
                "SYSTEM\\CurrentControlSet\\Policies\\Microsoft\\FeatureManagement\\Overrides";
        List<AgentEvent> applied =
                apply(
                        new WindowsChange.Registry(overrides, "7", "DWord", "0", false),
                        new WindowsChange.Registry(
                                "SOFTWARE\\odd\\deep", "text", "String", ODD, false),
                        new WindowsChange.PathEntry("C:\\odd folder"),
                        new WindowsChange.Folder("C:\\odd folder\\deep\\er"),
                        new WindowsChange.FirewallOff(),
                        new WindowsChange.FirewallRule("odd", "odd: \"rule\"", "ICMPv4", ""),
                        new WindowsChange.PortRange("tcp", 40000, 20000),
                        new WindowsChange.DefenderExclusion("odd.exe"));

        assertThat(steps(applied)).hasSize(8).allMatch(s -> s.startsWith("applied "));
        assertThat(host.execAs("Administrator", "reg query HKLM\\" + overrides + " /v 7").stdout())
                .contains("REG_DWORD", "0x0");
        assertThat(
                        host.execAs(
                                        "Administrator",
                                        "powershell -Command (Get-NetFirewallProfile).Enabled")
                                .stdout()
                                .lines()
                                .distinct())
                .containsExactly("False");
        assertThat(steps(apply(new WindowsChange.FirewallOff())))
                .containsExactly("kept firewall off");
        // altered from outside: it is ours to put right
        host.execAs("Administrator", "powershell -Command Remove-NetFirewallRule -Name odd");
        assertThat(
                        steps(
                                apply(
                                        new WindowsChange.FirewallRule(
                                                "odd", "odd: \"rule\"", "ICMPv4", ""))))
                .containsExactly("applied firewall rule odd");
    }

    @Test
    void a_service_that_does_not_start_ends_the_program_with_the_reason() throws IOException {
        WindowsChange.Service service =
                new WindowsChange.Service(
                        "odd",
                        "C:\\not\\there.exe",
                        List.of(),
                        true,
                        List.of(),
                        "",
                        List.of("C:\\not\\there.exe"),
                        List.of(C + "logs"),
                        "");

        List<AgentEvent> events = apply(service, file("never.txt", "x"));

        assertThat(steps(events)).singleElement().asString().startsWith("failed service odd: ");
        assertThat(events)
                .anyMatch(
                        e -> e instanceof AgentEvent.StepFailed f && f.key().equals("service odd"))
                .anyMatch(e -> e instanceof AgentEvent.Log)
                .endsWith(new AgentEvent.Ended("failed", ""));
        assertThat(host.has("/C:/odd folder/never.txt")).isFalse();
        // what was begun is undone before it is tried again
        assertThat(steps(apply(service))).singleElement().asString().startsWith("failed ");
    }

    @Test
    void a_host_of_another_cluster_or_under_another_run_is_refused() throws IOException {
        apply(session("c1", "run1", List.of()), false, file("a.txt", "x"));

        assertThat(end(apply(session("c1", "run2", List.of()), false, file("b.txt", "x"))))
                .isEqualTo(new AgentEvent.Ended("locked", "anna@here"));
        assertThat(end(apply(session("c2", "run1", List.of()), false, file("b.txt", "x"))))
                .isEqualTo(new AgentEvent.Ended("foreign", "c1"));
        assertThat(host.has("/C:/odd folder/b.txt")).isFalse();
        assertThat(
                        end(
                                apply(
                                        session("c1", "run2", List.of("run0", "run1")),
                                        false,
                                        file("b.txt", "x"))))
                .isEqualTo(new AgentEvent.Ended("ok", ""));
    }

    @Test
    void who_follows_a_program_hears_all_of_it_or_that_it_is_gone() throws IOException {
        apply(file("a.txt", "x"));
        String id = "p" + runs;
        assertThat(steps(run(id, remote.agent().follow(id, 0)))).containsExactly("applied " + FILE);
        assertThat(run(id, remote.agent().follow(id, 3))).hasSize(1);

        assertThat(end(run("none", remote.agent().follow("none", 0))))
                .isEqualTo(new AgentEvent.Ended("gone", ""));
    }

    @Test
    void facts_say_what_a_host_is() throws IOException {
        List<AgentEvent> facts = run("facts", remote.agent().facts());

        assertThat(facts)
                .contains(
                        new AgentEvent.Fact("hostname", List.of("winagent")),
                        new AgentEvent.Fact("administrator", List.of("yes")),
                        new AgentEvent.Fact("installation", List.of("Server")),
                        new AgentEvent.Fact("address", List.of("host0", host.address() + "/24")))
                .anyMatch(e ->
                        e instanceof AgentEvent.Fact f
                                && f.name().equals("os")
                                && f.values()
                                        .subList(0, 3)
                                        .equals(List.of("Windows", "windows", "20348")))
                .endsWith(new AgentEvent.Ended("ok", ""));
    }
}
