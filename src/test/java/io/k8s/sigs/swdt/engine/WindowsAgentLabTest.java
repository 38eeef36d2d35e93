package io.k8s.sigs.swdt.engine;

import static io.k8s.sigs.swdt.engine.AgentOnWindows.session;
import static io.k8s.sigs.swdt.engine.AgentOnWindows.steps;
import static org.assertj.core.api.Assertions.assertThat;

import io.k8s.sigs.swdt.agent.AgentEvent;
import io.k8s.sigs.swdt.artifact.Artifact;
import io.k8s.sigs.swdt.lab.Lab;
import io.k8s.sigs.swdt.lab.LabHost;
import io.k8s.sigs.swdt.lab.LabTest;
import io.k8s.sigs.swdt.plan.Change;
import io.k8s.sigs.swdt.plan.WindowsChange;
import io.k8s.sigs.swdt.value.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
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

    // what swdt asks of the program, by folders as Chocolatey keeps them
    private static final String CHOCO =
            """
            $lib = 'C:/ProgramData/chocolatey/lib'
            switch ($args[0]) {
                'list' { if ([IO.Directory]::Exists("$lib/$($args[3])")) { "$($args[3])|1.0" } }
                'install' { if ($args[1] -eq 'broken') { 'it is broken'; exit 1 }; foreach ($n in $args[1], "$($args[1]).install", 'core.extension') { [void][IO.Directory]::CreateDirectory("$lib/$n") } }
                'uninstall' { [IO.Directory]::Delete("$lib/$($args[1])") }
            }
            exit 0
            """;

    @TempDir static Path home;

    private static AgentOnWindows agent;
    private static LabHost host;

    @BeforeAll
    static void a_host_with_things_of_its_user(Lab lab) throws IOException {
        agent = new AgentOnWindows(lab, home, "winagent");
        host = agent.host();
    }

    @AfterEach
    void all_is_undone() throws IOException {
        agent.giveBack();
    }

    @AfterAll
    static void nothing_is_left() {
        if (agent != null) {
            agent.close();
            assertThat(agent.difference()).isEmpty();
        }
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

        assertThat(agent.check(file("a.txt", ODD), kubectl))
                .startsWith(
                        new AgentEvent.Check(FILE, "add"),
                        new AgentEvent.Check("file C:\\k\\kubectl.exe", "alter"));
        assertThat(steps(agent.apply(file("a.txt", ODD), kubectl)))
                .containsExactly("applied " + FILE, "applied file C:\\k\\kubectl.exe");
        assertThat(host.read("/C:/odd folder/a.txt")).isEqualTo(ODD);
        assertThat(agent.check(file("a.txt", ODD))).startsWith(new AgentEvent.Check(FILE, "keep"));
        assertThat(steps(agent.apply(file("a.txt", ODD)))).containsExactly("kept " + FILE);
        assertThat(steps(agent.revert(false)))
                .containsExactly("reverted file C:\\k\\kubectl.exe", "reverted " + FILE);
    }

    @Test
    void what_was_altered_since_is_left_alone_unless_forced() throws IOException {
        agent.apply(file("a.txt", "ours"));
        host.write("/C:/odd folder/a.txt", "the user's");

        List<AgentEvent> reverted = agent.revert(false);

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
        agent.apply(new Change.FileBlock(hosts, "swdt c1", "10.0.0.1 cp1"));
        String text = host.read("/etc/hosts");
        assertThat(text)
                .endsWith(
                        "\r\n  10.9.8.6 odd\r\n# BEGIN swdt c1\r\n10.0.0.1 cp1\r\n# END swdt c1\r\n");

        agent.apply(new Change.FileBlock(hosts, "swdt c1", "10.0.0.1 cp1\n10.0.0.2 win1"));

        assertThat(host.read("/etc/hosts"))
                .isEqualTo(text.replace("cp1\r\n", "cp1\r\n10.0.0.2 win1\r\n"));
        agent.apply(new Change.FileBlock(C + "new", "swdt c1", "alone"));
        assertThat(host.read("/C:/odd folder/new"))
                .isEqualTo("# BEGIN swdt c1\r\nalone\r\n# END swdt c1\r\n");
    }

    @Test
    void settings_of_the_system_come_back_with_their_kinds() throws IOException {
        String overrides =
                "SYSTEM\\CurrentControlSet\\Policies\\Microsoft\\FeatureManagement\\Overrides";
        List<AgentEvent> applied =
                agent.apply(
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
        assertThat(steps(agent.apply(new WindowsChange.FirewallOff())))
                .containsExactly("kept firewall off");
        // altered from outside: it is ours to put right
        host.execAs("Administrator", "powershell -Command Remove-NetFirewallRule -Name odd");
        assertThat(
                        steps(
                                agent.apply(
                                        new WindowsChange.FirewallRule(
                                                "odd", "odd: \"rule\"", "ICMPv4", ""))))
                .containsExactly("applied firewall rule odd");
    }

    @Test
    void a_computers_name_changes_with_the_next_start() throws IOException {
        assertThat(agent.check(new WindowsChange.ComputerName("winagent")))
                .startsWith(new AgentEvent.Check("computer name", "keep"));

        assertThat(steps(agent.apply(new WindowsChange.ComputerName("odd-1"))))
                .containsExactly("applied computer name");

        assertThat(
                        agent.check(
                                new WindowsChange.ComputerName("odd-1"),
                                new WindowsChange.Restart()))
                .startsWith(
                        new AgentEvent.Check("computer name", "keep"),
                        new AgentEvent.Check("restart", "alter"));
        assertThat(steps(agent.revert(false)))
                .containsExactly(
                        "reverted computer name: its name is winagent again after the next restart");
    }

    /** As Chocolatey's: its own script puts its program into place. */
    private static Path chocolatey() throws IOException {
        host.write("/C:/ProgramData/lab/native/choco.ps1", CHOCO);
        Path file = home.resolve("chocolatey.nupkg");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry("tools/chocolateyInstall.ps1"));
            zip.write(
                    """
                    foreach ($folder in 'bin', 'lib\\chocolatey') { [void][IO.Directory]::CreateDirectory("$env:ChocolateyInstall\\$folder") }
                    [IO.File]::Copy('C:\\Windows\\System32\\w32tm.exe', "$env:ChocolateyInstall\\bin\\choco.exe")
                    [IO.File]::WriteAllText("$env:ChocolateyInstall\\lib\\chocolatey\\chocolatey.nuspec", '<package><metadata><version>2.6.0</version></metadata></package>')
                    """
                            .replace("\\\\", "\\")
                            .getBytes(StandardCharsets.UTF_8));
        }
        return file;
    }

    @Test
    void chocolatey_comes_with_its_packages_and_goes_with_them() throws IOException {
        Path file = chocolatey();
        Change setup =
                new WindowsChange.Chocolatey(
                        new Artifact("chocolatey", "2", "windows/amd64", "x", Sha256.of(file)));
        Change git = new WindowsChange.ChocolateyPackage("git");

        assertThat(agent.check(setup, git))
                .startsWith(
                        new AgentEvent.Check("Chocolatey", "add"),
                        new AgentEvent.Check("Chocolatey package git", "add"));
        assertThat(steps(agent.applyUpload(file, setup))).containsExactly("applied Chocolatey");
        // somebody's, which git needs
        host.run("mkdir /C:/ProgramData/chocolatey/lib/core.extension");
        assertThat(agent.run("facts", agent.remote().agent().facts()))
                .contains(new AgentEvent.Fact("chocolatey", List.of("2.6.0")));
        assertThat(steps(agent.apply(git))).containsExactly("applied Chocolatey package git");
        assertThat(host.run("ls /C:/ProgramData/chocolatey/lib"))
                .isEqualTo("chocolatey\ncore.extension\ngit\ngit.install\n");
        assertThat(steps(agent.apply(git, new WindowsChange.ChocolateyPackage("broken"))))
                .containsExactly(
                        "kept Chocolatey package git",
                        "failed Chocolatey package broken: exit code 1");
        // what somebody else installed by it keeps it
        host.run("mkdir /C:/ProgramData/chocolatey/lib/theirs");
        assertThat(steps(agent.revert(false)))
                .containsExactly(
                        "reverted Chocolatey package broken",
                        "reverted Chocolatey package git",
                        "left Chocolatey: altered since swdt left it; --force puts it back all the same");
        assertThat(host.run("ls /C:/ProgramData/chocolatey/lib"))
                .isEqualTo("chocolatey\ncore.extension\ntheirs\n");
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

        List<AgentEvent> events = agent.apply(service, file("never.txt", "x"));

        assertThat(steps(events)).singleElement().asString().startsWith("failed service odd: ");
        assertThat(events)
                .anyMatch(
                        e -> e instanceof AgentEvent.StepFailed f && f.key().equals("service odd"))
                .anyMatch(e -> e instanceof AgentEvent.Log)
                .endsWith(new AgentEvent.Ended("failed", ""));
        assertThat(host.has("/C:/odd folder/never.txt")).isFalse();
        // what was begun is undone before it is tried again
        assertThat(steps(agent.apply(service))).singleElement().asString().startsWith("failed ");
    }

    @Test
    void a_host_of_another_cluster_or_under_another_run_is_refused() throws IOException {
        agent.apply(session("c1", "run1", List.of()), false, file("a.txt", "x"));

        assertThat(end(agent.apply(session("c1", "run2", List.of()), false, file("b.txt", "x"))))
                .isEqualTo(new AgentEvent.Ended("locked", "anna@here"));
        assertThat(end(agent.apply(session("c2", "run1", List.of()), false, file("b.txt", "x"))))
                .isEqualTo(new AgentEvent.Ended("foreign", "c1"));
        assertThat(host.has("/C:/odd folder/b.txt")).isFalse();
        assertThat(
                        end(
                                agent.apply(
                                        session("c1", "run2", List.of("run0", "run1")),
                                        false,
                                        file("b.txt", "x"))))
                .isEqualTo(new AgentEvent.Ended("ok", ""));
    }

    @Test
    void who_follows_a_program_hears_all_of_it_or_that_it_is_gone() throws IOException {
        agent.apply(file("a.txt", "x"));
        String id = agent.last();
        assertThat(steps(agent.run(id, agent.remote().agent().follow(id, 0))))
                .containsExactly("applied " + FILE);
        assertThat(agent.run(id, agent.remote().agent().follow(id, 3))).hasSize(1);

        assertThat(end(agent.run("none", agent.remote().agent().follow("none", 0))))
                .isEqualTo(new AgentEvent.Ended("gone", ""));
    }

    @Test
    void facts_say_what_a_host_is() throws IOException {
        agent.apply(session("c1", "run1", List.of()), false, file("a.txt", "x"));

        String environment =
                "\"HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment\" /f /v HTTPS_PROXY";
        host.execAs("Administrator", "reg add " + environment + " /d http://me:secret@proxy:3128");

        // another guard has taken Defender's place
        host.write("/C:/ProgramData/lab/state/mpreplaced.json", "[true]");

        List<AgentEvent> facts = agent.run("facts", agent.remote().agent().facts());
        host.run("rm /C:/ProgramData/lab/state/mpreplaced.json");
        host.execAs("Administrator", "reg delete " + environment);

        assertThat(facts)
                .contains(
                        new AgentEvent.Fact("hostname", List.of("winagent")),
                        new AgentEvent.Fact("administrator", List.of("yes")),
                        new AgentEvent.Fact("entry", List.of(FILE, "complete")),
                        new AgentEvent.Fact("proxy", List.of("HTTPS_PROXY")),
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
