package io.k8s.sigs.swdt.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.lab.PowerShellHost;
import io.k8s.sigs.swdt.value.Secret;
import io.k8s.sigs.swdt.value.Sha256;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * PowerShell Direct, with a stand-in for Hyper-V and real sessions of PowerShell's remoting.
 * Skipped where there is no PowerShell.
 */
class DirectConnectionTest {

    private static final String ECHO =
            "$t=(New-Object IO.StreamReader $i,$u).ReadToEnd();function f{$o.Write($t);'lost'};[void](f);'lost, too'";

    @TempDir static Path tools;
    @TempDir Path folder;

    private static PowerShellHost host = new PowerShellHost(Path.of(""));
    private HyperV hyperV = new HyperV(Path.of(""), host);

    @BeforeAll
    static void a_powershell() {
        host =
                PowerShellHost.find(tools)
                        .orElseGet(() ->
                                Assumptions.abort(
                                        "PowerShell Direct is not tested: no PowerShell test host in SWDT_PWSH"));
    }

    @BeforeEach
    void a_controller() {
        hyperV = new HyperV(folder, host);
    }

    private static Outcome echo(Connection connection, String text, List<String> lines)
            throws IOException {
        return connection.run(RemoteCommand.powerShell(ECHO, text), lines::add);
    }

    private ConnectException refused(Cluster.Direct direct) {
        return catchThrowableOfType(
                ConnectException.class, () -> echo(hyperV.connect(direct), "", new ArrayList<>()));
    }

    @Test
    void input_and_output_pass_unchanged_and_nothing_else_does() throws IOException {
        String text = "it's a \"test\" $x `y` ü €\n\nsecond line\n" + "long ".repeat(40_000) + "\n";
        List<String> lines = new ArrayList<>();

        Outcome outcome =
                echo(hyperV.machine("vm 1 [x]*").connect(HyperV.login("vm 1 [x]*")), text, lines);

        assertThat(outcome).isEqualTo(new Outcome(0, List.of()));
        assertThat(String.join("\n", lines) + "\n").isEqualTo(text);
    }

    @Test
    void lines_arrive_while_the_script_runs() throws IOException {
        Path go = folder.resolve("go");
        List<String> lines = new ArrayList<>();

        hyperV.machine("vm")
                .connect(HyperV.login("vm"))
                .run(
                        RemoteCommand.powerShell(
                                "$f=l;$o.Write(\"first`n\");while(-not[IO.File]::Exists($f)){Start-Sleep -Milliseconds 50};$o.WriteLine('second')",
                                go + "\n"),
                        line -> {
                            lines.add(line);
                            try {
                                Files.writeString(go, "");
                            } catch (IOException e) {
                                throw new IllegalStateException(e);
                            }
                        });

        assertThat(lines).containsExactly("first", "second");
    }

    @Test
    void what_a_script_throws_is_its_error() throws IOException {
        Outcome outcome =
                hyperV.machine("vm")
                        .connect(HyperV.login("vm"))
                        .run(RemoteCommand.powerShell("throw 'no luck'", ""), _ -> {});

        assertThat(outcome).isEqualTo(new Outcome(1, List.of("no luck")));
    }

    // of a machine that is switched off PowerShell itself learns after a minute (62 s were
    // measured)
    @Test
    void a_session_that_breaks_is_a_lost_connection() {
        Connection connection = hyperV.brokenMachine("vm").connect(HyperV.login("vm"));

        assertThat(
                        catchThrowableOfType(
                                ConnectionLostException.class,
                                () -> echo(connection, "", new ArrayList<>())))
                .hasMessageStartingWith("the connection to win1 broke: ");
    }

    @Test
    void what_stands_in_the_way_is_named() {
        assertThat(refused(HyperV.login("vm")))
                .hasMessage(
                        "win1 cannot be reached by PowerShell Direct: no virtual machine vm is visible");
        hyperV.machine("off", "Off").machine("twin").machine("twin").machine("vm");
        assertThat(refused(HyperV.login("off")))
                .hasMessageEndingWith("the virtual machine off is Off")
                .extracting(ConnectException::next)
                .isEqualTo("start it: Start-VM -Name 'off'");
        assertThat(refused(HyperV.login("twin")))
                .hasMessageEndingWith("2 virtual machines have the name twin");
        assertThat(refused(new Cluster.Direct("vm", "me", new Secret("wrong"), false)))
                .hasMessageEndingWith("The credential is invalid.")
                .extracting(ConnectException::kind)
                .isEqualTo(ConnectException.Kind.AUTHENTICATION);
        assertThat(refused(HyperV.login("v*")))
                .hasMessageEndingWith("no virtual machine v* is visible");
        hyperV.forNoAdministrator();
        assertThat(refused(HyperV.login("vm")))
                .hasMessageContaining("required permission")
                .extracting(ConnectException::next)
                .asString()
                .startsWith("run swdt as an administrator");
        hyperV.withoutModule();
        assertThat(refused(HyperV.login("vm")).next()).startsWith("run swdt on the Hyper-V host");
    }

    @Test
    void a_controller_without_powershell_says_where_to_run() {
        Connection connection = new DirectConnection("win1", HyperV.login("vm"), null);

        assertThat(
                        catchThrowableOfType(
                                ConnectException.class,
                                () -> echo(connection, "", new ArrayList<>())))
                .hasMessageStartingWith("win1 cannot be reached by PowerShell Direct from here");
    }

    @Test
    void a_file_is_sent_in_pieces_once() throws IOException {
        byte[] bytes = new byte[3_000_000];
        new Random(1).nextBytes(bytes);
        Path file = Files.write(folder.resolve("it's a file"), bytes);
        Path target = Files.createDirectory(folder.resolve("swdt")).resolve("files/target");
        Connection connection = hyperV.machine("vm").connect(HyperV.login("vm"));
        String sha = Sha256.of(bytes).hex();
        List<Long> sent = new ArrayList<>();

        connection.upload(file, sha, target.toString(), sent::add);
        assertThat(sent).containsExactly(1_048_576L, 2_097_152L, 3_000_000L);
        assertThat(target).hasBinaryContent(bytes);

        sent.clear();
        connection.upload(file, sha, target.toString(), sent::add);
        assertThat(sent).containsExactly(3_000_000L);
        assertThat(connection.roundTrips()).isZero();
        assertThat(target.resolveSibling("target.swdt-part")).doesNotExist();
    }

    @Test
    void a_file_that_cannot_be_stored_says_why() throws IOException {
        Files.writeString(folder.resolve("file"), "content");
        Path target = Files.createDirectories(folder.resolve("swdt/files")).resolve("target");
        Path part = target.resolveSibling("target.swdt-part");
        Connection connection = hyperV.machine("vm").connect(HyperV.login("vm"));

        assertThat(notStored(connection, Sha256.of("other").hex(), target))
                .isEqualTo(target + " did not arrive as its checksum says");
        assertThat(part).doesNotExist();

        Files.createDirectory(part);
        assertThat(notStored(connection, Sha256.of("content").hex(), target))
                .contains("could not be written (is the disk full?): ");
    }

    /** As above, and each line of what is for machines is noted where it runs. */
    @Test
    void what_a_machine_does_is_the_same_without_sessions() throws IOException {
        Connection connection = hyperV.withoutSessions().machine("vm").connect(HyperV.login("vm"));
        Path file = Files.writeString(folder.resolve("file"), "content");
        String sha = Sha256.of("content").hex();
        Path files = Files.createDirectories(folder.resolve("swdt/files"));
        List<String> lines = new ArrayList<>();
        List<Long> sent = new ArrayList<>();

        connection.run(
                RemoteCommand.powerShell("$o.WriteLine((l)+(l));$o.Flush()", "one,\ntwo\n"),
                lines::add);
        assertThat(lines).containsExactly("one,two");
        connection.upload(file, sha, files.resolve("a").toString(), sent::add);
        connection.upload(file, sha, files.resolve("a").toString(), sent::add);
        assertThat(files.resolve("a")).hasContent("content");
        assertThat(sent).containsExactly(7L, 7L);

        assertThat(notStored(connection, sha, folder.resolve("none/files/a")))
                .contains("the folder for ");
        Files.createDirectories(files.resolve("b.swdt-part"));
        assertThat(notStored(connection, sha, files.resolve("b"))).contains("could not be written");
        assertThat(notStored(connection, Sha256.of("other").hex(), files.resolve("c")))
                .contains("did not arrive");
        Files.createDirectories(files.resolve("d"));
        assertThat(notStored(connection, sha, files.resolve("d"))).contains("(exit code 73): ");
    }

    private String notStored(Connection connection, String sha, Path target) {
        return String.valueOf(
                catchThrowableOfType(
                                UploadException.class,
                                () ->
                                        connection.upload(
                                                folder.resolve("file"),
                                                sha,
                                                target.toString(),
                                                _ -> {}))
                        .getMessage());
    }

    @Test
    void an_interrupted_command_ends_at_once_with_its_process() throws InterruptedException {
        Connection connection = hyperV.machine("vm").connect(HyperV.login("vm"));
        List<Throwable> thrown = new ArrayList<>();
        Thread thread =
                new Thread(() ->
                        thrown.add(
                                catchThrowableOfType(
                                        IOException.class,
                                        () ->
                                                connection.run(
                                                        RemoteCommand.powerShell(
                                                                "$o.WriteLine('on');Start-Sleep -Seconds 600",
                                                                ""),
                                                        _ -> Thread.currentThread().interrupt()))));
        thread.start();
        thread.join();

        assertThat(thrown).singleElement().isInstanceOf(InterruptedIOException.class);
        // it ends, and need not have ended yet
        ProcessHandle.current()
                .children()
                .filter(p -> p.info().command().orElse("").endsWith("pwsh"))
                .forEach(p -> assertThat(p.onExit()).succeedsWithin(Duration.ofSeconds(30)));
    }
}
