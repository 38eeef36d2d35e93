package io.k8s.sigs.swdt.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.connection.Connections.Settings;
import io.k8s.sigs.swdt.lab.Lab;
import io.k8s.sigs.swdt.lab.LabHost;
import io.k8s.sigs.swdt.lab.LabTest;
import io.k8s.sigs.swdt.value.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SSH to a Windows-like host, with a real PowerShell engine. */
@LabTest(windows = true)
class WindowsSshLabTest {

    private static final String ECHO =
            "$t=(New-Object IO.StreamReader $i,$u).ReadToEnd();$o.Write($t);[Console]::Error.WriteLine('an error');exit 3";

    private static LabHost windows;
    private static LabHost linux;
    private static Path key = Path.of("");

    @TempDir Path home;
    private Connections user;

    @BeforeAll
    static void hosts(Lab lab) {
        windows = lab.windows("winssh");
        linux = lab.linux("linssh");
        key = lab.keyFile();
    }

    @BeforeEach
    void start() {
        user = new Connections(home);
    }

    @AfterEach
    void stop() {
        user.close();
    }

    private Connection open(Cluster.Os os, LabHost host, String login) throws IOException {
        return user.open(os, host.name(), new Settings().host(host.address()).user(login).key(key));
    }

    @Test
    void input_output_errors_and_exit_code_pass_unchanged() throws IOException {
        Connection connection = open(Cluster.Os.WINDOWS, windows, "Administrator");
        String text = "it's a \"test\" $x `y` ü €\nsecond line\n" + "long ".repeat(40_000) + "\n";
        List<String> lines = new ArrayList<>();

        Outcome outcome = connection.run(RemoteCommand.powerShell(ECHO, text), lines::add);

        assertThat(String.join("\n", lines) + "\n").isEqualTo(text);
        assertThat(outcome.exitCode()).isEqualTo(3);
        assertThat(outcome.errorLines()).containsExactly("an error");
    }

    @Test
    void a_file_is_sent_once_and_again_when_it_differs() throws IOException {
        Connection connection = open(Cluster.Os.WINDOWS, windows, "Administrator");
        byte[] bytes = new byte[20_000_000];
        new Random(1).nextBytes(bytes);
        Path file = Files.write(home.resolve("file"), bytes);
        String sha = Sha256.of(bytes).hex();
        String target = "C:\\ProgramData\\swdt\\files\\" + sha;
        List<Long> sent = new ArrayList<>();

        connection.upload(file, sha, target, sent::add);
        assertThat(sent).hasSizeGreaterThan(10).endsWith(20_000_000L);
        assertThat(windows.execAs("Administrator", "if not exist " + target + " exit 1").exit())
                .isZero();

        sent.clear();
        connection.upload(file, sha, target, sent::add);
        assertThat(sent).containsExactly(20_000_000L);
    }

    @Test
    void a_file_whose_checksum_is_another_is_refused() throws IOException {
        Connection connection = open(Cluster.Os.WINDOWS, windows, "Administrator");
        Path file = Files.writeString(home.resolve("file"), "content");

        assertThat(
                        catchThrowableOfType(
                                UploadException.class,
                                () ->
                                        connection.upload(
                                                file,
                                                Sha256.of("other").hex(),
                                                "C:\\ProgramData\\swdt\\files\\x",
                                                _ -> {})))
                .hasMessageContaining("did not arrive as its checksum says");
    }

    @Test
    void the_wrong_operating_system_is_named() throws IOException {
        Connection asWindows = open(Cluster.Os.WINDOWS, linux, "root");
        Connection asLinux = open(Cluster.Os.LINUX, windows, "Administrator");

        assertThat(
                        catchThrowableOfType(
                                ConnectException.class,
                                () ->
                                        asWindows.run(
                                                RemoteCommand.powerShell("exit 0", ""), _ -> {})))
                .satisfies(e -> {
                    assertThat(e).hasMessageContaining("does not look like Windows (SSH-2.0-");
                    assertThat(e.next()).isEqualTo("set os: linux, or correct the node's address");
                });
        assertThat(
                        catchThrowableOfType(
                                ConnectException.class,
                                () ->
                                        asLinux.run(
                                                new RemoteCommand("true", List.of(), ""), _ -> {})))
                .satisfies(e -> {
                    assertThat(e).hasMessageContaining("is a Windows host (SSH-2.0-OpenSSH_");
                    assertThat(e.next())
                            .isEqualTo("set os: windows, or correct the node's address");
                });
    }
}
