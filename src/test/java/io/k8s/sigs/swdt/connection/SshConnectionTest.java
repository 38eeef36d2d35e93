package io.k8s.sigs.swdt.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.k8s.sigs.swdt.connection.Connections.Settings;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SSH against a server on loopback that runs real processes. */
@Timeout(60)
class SshConnectionTest {

    private static final KeyPair KEY = TestServer.keyPair("ssh-ed25519", 256);

    @TempDir Path home;
    private TestServer server;
    private Connections user;
    private Path keyFile;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer().authorize(KEY.getPublic()).start();
        user = new Connections(home);
        keyFile = TestKeys.write(home.resolve("key"), KEY, null);
    }

    @AfterEach
    void stop() throws IOException {
        user.close();
        server.close();
    }

    private Connection open() throws IOException {
        return user.open("n1", Settings.of(server).key(keyFile));
    }

    private static List<String> lines(Connection connection, String script, String... arguments)
            throws IOException {
        List<String> lines = new ArrayList<>();
        Outcome outcome =
                connection.run(new RemoteCommand(script, List.of(arguments), ""), lines::add);
        assertThat(outcome).isEqualTo(new Outcome(0, List.of()));
        return lines;
    }

    @Nested
    class A_command {

        @Test
        void gives_its_lines_exit_code_and_last_errors() throws IOException {
            List<String> lines = new ArrayList<>();
            RemoteCommand command =
                    new RemoteCommand(
                            "echo one $1; cat; echo bad >&2; exit 7", List.of("a:b"), "two\nthree");

            Outcome outcome = open().run(command, lines::add);

            assertThat(outcome).isEqualTo(new Outcome(7, List.of("bad")));
            assertThat(lines).containsExactly("one a:b", "two", "three");
        }

        @Test
        void keeps_only_the_last_40_lines_of_its_errors() throws IOException {
            Outcome outcome = open().run(new RemoteCommand("seq 100 >&2", List.of(), ""), _ -> {});

            assertThat(outcome.errorLines()).hasSize(40).startsWith("61").endsWith("100");
        }

        @Test
        void may_ignore_its_input() throws IOException {
            Outcome outcome =
                    open().run(
                                    new RemoteCommand("exit 3", List.of(), "x".repeat(5_000_000)),
                                    _ -> {});

            assertThat(outcome).isEqualTo(new Outcome(3, List.of()));
        }

        @Test
        void may_answer_while_its_input_is_still_sent() throws IOException {
            String input = ("0123456789".repeat(10) + "\n").repeat(60_000);
            List<String> lines = new ArrayList<>();

            open().run(new RemoteCommand("cat", List.of(), input), lines::add);

            assertThat(lines).hasSize(60_000);
        }

        @Test
        void is_counted_and_shares_one_login_with_others() throws IOException {
            Connection connection = open();

            lines(connection, "true");
            lines(connection, "true");

            assertThat(connection.roundTrips()).isEqualTo(2);
            assertThat(server.logins()).isEqualTo(1);
        }

        @ParameterizedTest
        @ValueSource(strings = {"/bin/sh", "/bin/bash", "/bin/busybox sh"})
        void passes_every_login_shell_unchanged(String shell) throws IOException {
            String[] words = shell.split(" ", -1);
            Assumptions.assumeTrue(Files.isExecutable(Path.of(words[0])), words[0] + " is missing");
            server.shell(words);

            assertThat(
                            lines(
                                    open(),
                                    "for i in \"$@\"; do echo \"<$i>\" $((1 + 1)); done",
                                    "a",
                                    "",
                                    "b=c"))
                    .containsExactly("<a> 2", "<> 2", "<b=c> 2");
        }

        @Test
        void is_not_disturbed_by_a_greeting_without_line_end() throws IOException {
            Path shell = home.resolve("shell");
            Files.writeString(shell, "#!/bin/sh\nprintf 'welcome, #swdt'\nexec /bin/sh \"$@\"\n");
            assertThat(shell.toFile().setExecutable(true)).isTrue();
            server.shell(shell.toString());

            assertThat(lines(open(), "echo mine")).containsExactly("mine");
        }

        @Test
        void ends_its_wait_when_the_thread_is_interrupted() throws Exception {
            Connection connection = open();
            CountDownLatch running = new CountDownLatch(1);
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Thread waiting =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    connection.run(
                                            new RemoteCommand(
                                                    "echo up; exec tail -f /dev/null",
                                                    List.of(),
                                                    ""),
                                            _ -> running.countDown());
                                } catch (Throwable e) {
                                    thrown.set(e);
                                }
                            });
            running.await();

            waiting.interrupt();
            waiting.join();

            assertThat(thrown.get()).isInstanceOf(InterruptedIOException.class);
            assertThat(lines(connection, "echo alive")).containsExactly("alive");
        }

        @Test
        void gets_a_login_of_its_own_where_the_host_allows_one_command_a_login()
                throws IOException {
            server.oneCommandALogin();
            Connection connection = open();
            List<String> inner = new ArrayList<>();

            nested(connection, inner);

            assertThat(inner).containsExactly("inner");
            assertThat(server.logins()).isEqualTo(2);
        }

        // runs a command while another runs, which ends only after it
        private void nested(Connection connection, List<String> inner) throws IOException {
            Path ended = home.resolve("inner-ended");
            connection.run(
                    new RemoteCommand(
                            "echo outer; until [ -e \"$1\" ]; do sleep 0.05; done",
                            List.of(ended.toString()),
                            ""),
                    _ -> {
                        try {
                            inner.addAll(lines(connection, "echo inner"));
                            Files.createFile(ended);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
        }

        @Test
        void that_is_no_word_for_every_shell_is_refused_here() {
            assertThatThrownBy(() -> new RemoteCommand("echo a\necho b", List.of(), ""))
                    .hasMessage(
                            "a remote script may hold no single quote, backslash, exclamation mark"
                                    + " or line feed");
            assertThatThrownBy(() -> new RemoteCommand("true", List.of("a b"), ""))
                    .hasMessage("'a b' is not fit for a command line: send it as input");
        }
    }

    @Nested
    class A_connection_that_breaks {

        @Test
        void is_told_to_the_command_that_ran_and_dialled_again_by_the_next() throws IOException {
            Connection connection = open();

            assertThatThrownBy(() ->
                            connection.run(
                                    new RemoteCommand(
                                            "echo up; exec tail -f /dev/null", List.of(), ""),
                                    _ -> server.cut()))
                    .isInstanceOf(ConnectionLostException.class)
                    .hasMessage("the connection to n1 broke");

            assertThat(lines(connection, "echo again")).containsExactly("again");
            assertThat(server.logins()).isEqualTo(2);
        }

        @Test
        void is_not_dialled_again_once_it_was_closed() throws IOException {
            Connection connection = open();
            lines(connection, "true");
            connection.close();

            assertThatThrownBy(() -> lines(connection, "true"))
                    .isInstanceOf(IOException.class)
                    .hasMessage("the connection to n1 was closed");
        }
    }

    @Nested
    class A_host_that_nobody_answers_at {

        @Test
        void is_named_with_the_cause() throws IOException {
            Settings settings = Settings.of(server).key(keyFile);
            String where = "someone@127.0.0.1:" + server.port();
            server.close();
            Connection connection = user.open("n1", settings);

            ConnectException e =
                    catchThrowableOfType(ConnectException.class, () -> lines(connection, "true"));

            assertThat(e)
                    .hasMessage(where + " cannot be reached: Connection refused")
                    .returns(ConnectException.Kind.UNREACHABLE, ConnectException::kind)
                    .returns(
                            "look whether the host is on, its address right and its SSH server running",
                            ConnectException::next);
        }

        @Test
        void is_named_when_its_name_is_unknown() throws IOException {
            Connection connection =
                    user.open("n1", Settings.of(server).host("no-such-host.invalid").key(keyFile));

            assertThatThrownBy(() -> lines(connection, "true"))
                    .hasMessage(
                            "someone@no-such-host.invalid:%d cannot be reached: its name is not known",
                            server.port());
        }
    }

    @Nested
    class A_jump_host {

        private TestServer jump;

        @BeforeEach
        void start() throws IOException {
            jump = new TestServer().password("over").start();
        }

        @AfterEach
        void stop() throws IOException {
            jump.close();
        }

        private Settings behind() {
            return Settings.of(server).key(keyFile).jump(Settings.of(jump).password("over"));
        }

        @Test
        void is_logged_into_first_with_its_own_settings_and_its_own_host_key() throws IOException {
            assertThat(lines(user.open("n1", behind()), "echo there")).containsExactly("there");

            assertThat(user.asked()).containsExactly(jump.name(), server.name());
            assertThat(jump.logins()).isEqualTo(1);
        }

        @Test
        void is_shared_by_all_that_go_through_it() throws IOException {
            lines(user.open("n1", behind()), "true");
            lines(user.open("n2", behind()), "true");

            assertThat(jump.logins()).isEqualTo(1);
            assertThat(server.logins()).isEqualTo(2);
        }

        @Test
        void that_broke_is_dialled_again() throws IOException {
            Connection connection = user.open("n1", behind());
            assertThatThrownBy(() ->
                            connection.run(
                                    new RemoteCommand(
                                            "echo up; exec tail -f /dev/null", List.of(), ""),
                                    _ -> jump.cut()))
                    .isInstanceOf(ConnectionLostException.class);

            assertThat(lines(connection, "echo there")).containsExactly("there");
            assertThat(jump.logins()).isEqualTo(2);
        }

        @Test
        void that_cannot_reach_the_host_is_named() throws IOException {
            Settings settings = behind();
            int port = server.port();
            server.close();

            Connection connection = user.open("n1", settings);

            assertThatThrownBy(() -> lines(connection, "true"))
                    .isInstanceOf(ConnectException.class)
                    .hasMessage(
                            "someone@127.0.0.1:%d (through someone@127.0.0.1:%d) cannot be reached:"
                                    + " the jump host finds no SSH server there",
                            port, jump.port());
        }

        @Test
        void comes_from_the_users_ssh_config_too() throws IOException {
            Files.createDirectories(home.resolve(".ssh"));
            TestKeys.write(home.resolve(".ssh/id_ed25519"), KEY, null);
            jump.authorize(KEY.getPublic());
            Files.writeString(
                    home.resolve(".ssh/config"),
                    String.format(
                            """
                            Host node
                              HostName 127.0.0.1
                              Port %d
                              ProxyJump over
                            Host over
                              HostName 127.0.0.1
                              Port %d
                              User somebody
                            """,
                            server.port(), jump.port()));

            Connection connection =
                    user.open("n1", Settings.of(server).host("node").noUserAndPort());

            assertThat(lines(connection, "echo there")).containsExactly("there");
            assertThat(jump.logins()).isEqualTo(1);
        }
    }
}
