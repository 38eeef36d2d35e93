package io.k8s.sigs.swdt.engine;

import static io.k8s.sigs.swdt.engine.AgentOnWindows.session;
import static io.k8s.sigs.swdt.engine.AgentOnWindows.steps;
import static org.assertj.core.api.Assertions.assertThat;

import io.k8s.sigs.swdt.agent.Agent;
import io.k8s.sigs.swdt.agent.AgentEvent;
import io.k8s.sigs.swdt.agent.AgentEvent.Ended;
import io.k8s.sigs.swdt.artifact.Artifact;
import io.k8s.sigs.swdt.lab.Lab;
import io.k8s.sigs.swdt.lab.LabHost;
import io.k8s.sigs.swdt.lab.LabTest;
import io.k8s.sigs.swdt.plan.Change;
import io.k8s.sigs.swdt.plan.WindowsChange;
import io.k8s.sigs.swdt.value.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong on a Windows-like host, and what the agent makes of it. */
@LabTest(windows = true)
class WindowsTroubleLabTest {

    private static final String C = "C:\\odd folder\\";
    private static final String SERVICE = "C:\\ProgramData\\lab\\testsvc.exe";

    @TempDir static Path home;

    private static AgentOnWindows agent;
    private static LabHost host;

    @BeforeAll
    static void a_host_with_things_of_its_user(Lab lab) throws IOException {
        agent = new AgentOnWindows(lab, home, "wintrouble");
        host = agent.host();
        host.run("touch /C:/ProgramData/testsvc-{odd,odd2,dies1,busy}.log");
    }

    @AfterEach
    void all_is_undone() throws IOException {
        agent.giveBack();
    }

    @AfterAll
    static void nothing_is_left() {
        if (agent != null) {
            agent.close();
            host.run("rm -f /C:/ProgramData/testsvc-*.log /C:/ProgramData/lab/state/language.json");
            assertThat(agent.difference()).isEmpty();
        }
    }

    private static void asAdministrator(String command) {
        assertThat(host.execAs("Administrator", command).exit()).as(command).isZero();
    }

    private static Artifact artifact(Path file) throws IOException {
        return new Artifact(
                "odd",
                "1.0",
                "windows/amd64",
                "https://example.org/odd",
                Sha256.of(Files.readAllBytes(file)));
    }

    private static Path archive(String name, String... arguments) throws IOException {
        Path content = Files.createDirectories(home.resolve("content/bin/deep"));
        Files.writeString(content.resolveSibling("a.exe"), "a of the archive");
        Files.writeString(content.resolve("b.txt"), "b");
        Files.writeString(home.resolve("content/c.txt"), "c");
        Path file = home.resolve(name);
        List<String> command =
                new java.util.ArrayList<>(List.of("tar", "-czPf", file.toString(), "-C"));
        command.add(home.resolve("content").toString());
        command.addAll(List.of(arguments));
        command.add(".");
        try {
            assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return file;
    }

    private static WindowsChange.Service service(String name, String ready, String basis) {
        return new WindowsChange.Service(
                name,
                SERVICE + " " + name,
                List.of(),
                true,
                List.of("C:\\Windows\\System32\\cmd.exe", "/c", ready, "two words"),
                "C:\\ProgramData\\testsvc-" + name + ".log",
                List.of(SERVICE),
                List.of(C + "logs"),
                basis);
    }

    @Test
    void uploads_are_waited_for_and_come_to_their_places() throws IOException {
        Path program = Files.writeString(home.resolve("odd.exe"), "a program");
        host.write("/C:/odd folder/a.exe", "the user's");
        Path archive = archive("odd.tgz");

        assertThat(
                        steps(
                                agent.applyUpload(
                                        program,
                                        new Change.Program(
                                                C + "x\\odd.exe", "", artifact(program)))))
                .containsExactly("applied program C:\\odd folder\\x\\odd.exe");
        assertThat(
                        steps(
                                agent.applyUpload(
                                        archive,
                                        new Change.Archive(
                                                "C:\\odd folder", "bin", artifact(archive)))))
                .containsExactly("applied archive odd in C:\\odd folder");

        assertThat(host.read("/C:/odd folder/x/odd.exe")).isEqualTo("a program");
        assertThat(host.read("/C:/odd folder/a.exe")).isEqualTo("a of the archive");
        assertThat(host.read("/C:/odd folder/deep/b.txt")).isEqualTo("b");
        assertThat(host.has("/C:/odd folder/c.txt")).isFalse();
        agent.giveBack();
        assertThat(host.read("/C:/odd folder/a.exe")).isEqualTo("the user's");
        host.run("rm -r '/C:/odd folder'");
    }

    @Test
    void an_archive_that_leads_elsewhere_or_is_none_is_refused() throws IOException {
        Path elsewhere = archive("elsewhere.tgz", "--transform", "s,^\\./c.txt,../c.txt,");
        Path none = Files.writeString(home.resolve("none.tgz"), "no archive");

        for (Path file : List.of(elsewhere, none)) {
            List<AgentEvent> events =
                    agent.applyUpload(
                            file, new Change.Archive("C:\\odd folder", ".", artifact(file)));
            assertThat(steps(events))
                    .singleElement()
                    .asString()
                    .matches(
                            "failed archive odd in C:.*: the archive (holds \\.\\./c\\.txt, which leads elsewhere|cannot be read: (?s:.*))");
        }
        assertThat(host.has("/C:/odd folder")).isFalse();
    }

    @Test
    void a_program_waits_alone_and_ends_when_it_is_asked_to() throws IOException {
        Path file = Files.writeString(home.resolve("late.exe"), "never sent");
        Change late = new Change.Program(C + "late.exe", "", artifact(file));

        List<AgentEvent> events =
                agent.apply(
                        event -> {
                            if (event instanceof AgentEvent.StepState) {
                                String id = agent.last();
                                try {
                                    assertThat(agent.apply(late)).endsWith(new Ended("busy", ""));
                                    agent.remote()
                                            .connection()
                                            .run(agent.remote().agent().stop(id), _ -> {});
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            }
                        },
                        late);

        assertThat(events).endsWith(new Ended("stopped", ""));
    }

    @Test
    void a_program_that_runs_is_not_pulled_away() throws IOException {
        Path file = Files.writeString(home.resolve("busy.exe"), "another one");
        Change busy = new Change.Program(C + "busy.exe", "", artifact(file));
        host.run(
                "mkdir '/C:/odd folder' && cp /C:/ProgramData/lab/testsvc.exe '/C:/odd folder/busy.exe'");
        agent.apply(new WindowsChange.Folder(C + "first"));
        asAdministrator("sc create busy binPath= \"\\\"C:\\odd folder\\busy.exe\\\" busy\"");
        asAdministrator("sc start busy");

        List<AgentEvent> refused = agent.applyUpload(file, busy);
        asAdministrator("sc stop busy");
        asAdministrator("sc delete busy");

        assertThat(steps(refused))
                .singleElement()
                .asString()
                .matches(
                        "failed program C:.*: C:\\\\odd folder\\\\busy.exe is in use by busy, process \\d+: stop it, or restart the host");
        assertThat(steps(agent.applyUpload(file, busy)))
                .singleElement()
                .asString()
                .startsWith("applied");
        assertThat(host.read("/C:/odd folder/busy.exe")).isEqualTo("another one");
        agent.giveBack();
        host.run(
                "cmp /C:/ProgramData/lab/testsvc.exe '/C:/odd folder/busy.exe'; rm -r '/C:/odd folder'");
    }

    @Test
    void what_another_program_holds_is_left_and_what_it_stands_on_too() throws IOException {
        agent.apply(
                new Change.TextFile(C + "below.txt", "", "x"),
                new Change.FileBlock(C + "locked.txt", "swdt", "x"));
        CompletableFuture<LabHost.Result> holder =
                CompletableFuture.supplyAsync(
                        () ->
                                host.execAs(
                                        "Administrator",
                                        "powershell -Command \"$f=[IO.File]::Open('C:\\odd folder\\locked.txt','Open','ReadWrite','None');"
                                                + "[IO.File]::WriteAllText('C:\\odd folder\\held','');"
                                                + "while(-not[IO.File]::Exists('C:\\odd folder\\go')){Start-Sleep -Milliseconds 100}\""),
                        // the common pool may have one thread only
                        work -> Thread.ofVirtual().start(work));
        host.run(
                "for i in $(seq 300); do [ -e '/C:/odd folder/held' ] && exit; sleep 0.1; done; exit 1");

        List<AgentEvent> checked = agent.check(new Change.FileBlock(C + "locked.txt", "swdt", "y"));
        List<AgentEvent> reverted = agent.revert(false);
        host.write("/C:/odd folder/go", "");
        assertThat(holder.join().exit()).isZero();

        assertThat(checked)
                .contains(new AgentEvent.Check("block C:\\odd folder\\locked.txt", "alter"));
        assertThat(steps(reverted)).hasSize(2);
        assertThat(steps(reverted).getFirst())
                .startsWith("left block C:\\odd folder\\locked.txt: could not be put back: ");
        assertThat(steps(reverted).getLast())
                .isEqualTo(
                        "left file C:\\odd folder\\below.txt: kept because of \"block C:\\odd folder\\locked.txt\"");
        host.run("rm '/C:/odd folder/held' '/C:/odd folder/go'");
    }

    @Test
    void a_service_is_restarted_when_what_it_reads_or_runs_is_another() throws IOException {
        assertThat(steps(agent.apply(service("odd", "exit 0", "1"))))
                .containsExactly("applied service odd");
        assertThat(steps(agent.apply(service("odd", "exit 0", "1"))))
                .containsExactly("kept service odd");
        assertThat(steps(agent.apply(service("odd", "exit 0", "2"))))
                .containsExactly("applied service odd");
        assertThat(steps(agent.apply(odd("odd2", true)))).containsExactly("applied service odd");
        // one that another starts runs again with its new line
        assertThat(steps(agent.apply(odd("odd3", false)))).containsExactly("applied service odd");
        assertThat(host.execAs("Administrator", "sc query odd").stdout()).contains("RUNNING");
        // longer than Windows' old limit for paths
        host.run("mkdir -p '/C:/odd folder/logs/'$(printf '%0100d/%0100d/%0100d' 1 2 3)");
        assertThat(steps(agent.revert(false))).allMatch(s -> s.startsWith("reverted "));
    }

    private static WindowsChange.Service odd(String line, boolean start) {
        return new WindowsChange.Service(
                "odd",
                "\"" + SERVICE + "\" " + line,
                List.of("Schedule"),
                start,
                List.of(),
                "",
                List.of(SERVICE),
                List.of(C + "logs"),
                line);
    }

    @Test
    void a_service_that_ends_by_itself_is_not_waited_for_and_its_log_says_why() throws IOException {
        List<AgentEvent> events = agent.apply(service("dies1", "exit 3", "1"));

        assertThat(steps(events))
                .singleElement()
                .asString()
                .startsWith("failed service dies1: the service dies1 is ");
        assertThat(events).contains(new AgentEvent.Log("no luck"));
    }

    @Test
    void a_german_windows_with_its_code_page_is_understood() throws IOException {
        host.write("/C:/ProgramData/lab/state/language.json", "[\"de\"]");
        WindowsChange.PortRange ports = new WindowsChange.PortRange("tcp", 40000, 20000);

        assertThat(steps(agent.apply(ports))).containsExactly("applied dynamic ports tcp");
        // a code page that nobody has
        asAdministrator(
                "reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\Nls\\CodePage /v OEMCP /d 99999 /f");
        assertThat(steps(agent.apply(ports))).containsExactly("kept dynamic ports tcp");
        asAdministrator(
                "reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\Nls\\CodePage /v OEMCP /d 437 /f");
        agent.giveBack();
        host.run("rm /C:/ProgramData/lab/state/language.json");
    }

    @Test
    void what_windows_refuses_is_told_with_its_command() throws IOException {
        List<AgentEvent> ports = agent.apply(new WindowsChange.PortRange("tcp", 65000, 10000));
        assertThat(ports)
                .anyMatch(e ->
                        e instanceof AgentEvent.StepFailed f
                                && f.exitCode() == 1
                                && f.command()
                                        .equals(
                                                "netsh.exe int ipv4 set dynamicport tcp start=65000 num=10000"))
                .contains(new AgentEvent.Log("The parameter is incorrect."));

        assertThat(steps(agent.apply(new WindowsChange.Feature("Hyper-V", false))))
                .singleElement()
                .asString()
                .contains("required virtualization capabilities");
    }

    @Test
    void a_feature_goes_again_where_the_file_says_so() throws IOException {
        assertThat(
                        steps(
                                agent.apply(
                                        new WindowsChange.Feature("Containers", true),
                                        new WindowsChange.Feature("Hyper-V", true))))
                .hasSize(2)
                .startsWith("applied feature Containers: SuccessRestartRequired")
                .last()
                .asString()
                .startsWith("failed feature Hyper-V: the feature Hyper-V could not be installed: ")
                .endsWith(
                        "does not have required virtualization capabilities. A virtual machine needs nested virtualization from its own host");
        assertThat(steps(agent.revert(false)))
                .containsExactly(
                        "reverted feature Hyper-V",
                        "reverted feature Containers: gone after the next restart");
        assertThat(host.read("/C:/ProgramData/lab/state/features.json"))
                .contains("\"Containers\",\"InstallState\":\"UninstallPending\"");
    }

    @Test
    void a_state_folder_that_cannot_be_used_ends_the_program() throws IOException {
        host.run("mkdir -p /C:/ProgramData/swdt/owner");

        List<AgentEvent> events = agent.apply(new Change.TextFile(C + "a.txt", "", "x"));

        assertThat(events)
                .anyMatch(e -> e instanceof AgentEvent.StepFailed f && f.key().equals("the agent"))
                .endsWith(new Ended("failed", ""));
        host.run("rm -r /C:/ProgramData/swdt");
    }

    /** As PowerShell Direct does it, but over SSH: it does not matter to the agent. */
    @Test
    void ssh_is_enabled_and_what_windows_update_cannot_bring_is_told() throws IOException {
        String keys = "/C:/ProgramData/ssh/administrators_authorized_keys";
        String before = host.read(keys);
        String rules = "/C:/ProgramData/lab/state/firewall.json";
        host.run("touch /C:/ProgramData/testsvc-sshd.log; cp " + rules + " /var/tmp/rules");
        host.write("/C:/ProgramData/lab/state/offline.json", "[true]");
        List<AgentEvent> offline = agent.run("ssh", Agent.enableSsh(""));
        host.run("rm /C:/ProgramData/lab/state/offline.json");
        List<AgentEvent> enabled = agent.run("ssh", Agent.enableSsh("ssh-ed25519 AAAA me@here"));
        asAdministrator("powershell -Command Remove-NetFirewallRule -Name OpenSSH-Server-In-TCP");
        List<AgentEvent> again = agent.run("ssh", Agent.enableSsh("ssh-ed25519 AAAA me@here"));

        assertThat(offline)
                .anyMatch(e ->
                        e instanceof AgentEvent.StepFailed f && f.key().equals("OpenSSH server"))
                .endsWith(new Ended("failed", ""));
        assertThat(steps(enabled)).hasSize(4).allMatch(s -> s.startsWith("applied "));
        assertThat(host.read(keys))
                .isEqualTo(before.stripTrailing() + "\nssh-ed25519 AAAA me@here\n");
        assertThat(steps(again)).filteredOn(s -> s.startsWith("kept ")).hasSize(3);
        asAdministrator("sc stop sshd");
        asAdministrator("sc delete sshd");
        host.write(keys, before);
        host.run("cp /var/tmp/rules " + rules);
    }

    @Test
    void a_block_comes_after_the_last_line() throws IOException {
        host.write("/C:/odd folder/with", "line\n");
        agent.apply(
                session("c1", "run1", List.of()),
                true,
                new Change.FileBlock(C + "with", "swdt", "a\nb"));
        assertThat(host.read("/C:/odd folder/with"))
                .isEqualTo("line\n# BEGIN swdt\r\na\r\nb\r\n# END swdt\r\n");
        agent.giveBack();
        assertThat(host.read("/C:/odd folder/with")).isEqualTo("line\n");
        host.run("rm -r '/C:/odd folder'");
    }
}
