package io.k8s.sigs.swdt.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.k8s.sigs.swdt.connection.ConnectException.Kind;
import io.k8s.sigs.swdt.connection.Connections.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Becoming root, with stand-ins for id, sudo and doas on a server on loopback. The real sudo is
 * tried in the lab.
 */
@Timeout(60)
class PrivilegeTest {

    private static final KeyPair KEY = TestServer.keyPair("ssh-ed25519", 256);

    // As sudo does: with -S it reads the password byte by byte, asks up to three times, and leaves
    // the rest of its input to the command. The password is "right".
    private static final String SUDO =
            """
            #!/bin/sh
            echo "sudo $1 LC_ALL=$LC_ALL" >> "$(dirname "$0")/calls"
            case $1 in
                -n) shift; echo 'sudo: a password is required' >&2; exit 1 ;;
            esac
            shift 3
            printf 'We trust you have received\\nthe usual lecture.' >&2
            for try in 1 2 3; do
                IFS= read -r word || { echo 'sudo: no password was provided' >&2; exit 1; }
                echo "got $word" >> "$(dirname "$0")/calls"
                [ "$word" != right ] || exec env AS=root "$@"
                [ $try = 3 ] || echo 'Sorry, try again.' >&2
            done
            echo 'sudo: 3 incorrect password attempts' >&2
            exit 1
            """;

    @TempDir Path home;
    private Path programs;
    private TestServer server;
    private Connections user;
    private Settings settings;

    @BeforeEach
    void start() throws IOException {
        programs = Files.createDirectories(home.resolve("bin"));
        server = new TestServer().authorize(KEY.getPublic()).start();
        server.programs(programs);
        user = new Connections(home);
        settings = Settings.of(server).key(TestKeys.write(home.resolve("key"), KEY, null));
    }

    @AfterEach
    void stop() throws IOException {
        user.close();
        server.close();
    }

    private void program(String name, String text) throws IOException {
        Path file = Files.writeString(programs.resolve(name), text);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private void user(int id) throws IOException {
        program("id", "#!/bin/sh\necho " + id + "\n");
    }

    /** What a command says of who it is, and its whole input. */
    private List<String> told() throws IOException {
        List<String> lines = new ArrayList<>();
        Outcome outcome =
                user.open("n1", settings)
                        .run(
                                new RemoteCommand(
                                        "echo as $AS with $1; cat", List.of("a"), "in\nput\n"),
                                lines::add);
        assertThat(outcome).isEqualTo(new Outcome(0, List.of()));
        return lines;
    }

    private ConnectException refusal() throws IOException {
        Connection connection = user.open("n1", settings);
        ConnectException e =
                catchThrowableOfType(
                        ConnectException.class,
                        () ->
                                connection.run(
                                        new RemoteCommand("echo ran", List.of(), "secret\nlines\n"),
                                        _ -> {}));
        assertThat(e.kind()).isEqualTo(Kind.PRIVILEGE);
        return e;
    }

    private List<String> calls() throws IOException {
        return Files.readAllLines(programs.resolve("calls"));
    }

    @Nested
    class Root {

        @Test
        void needs_nothing_and_no_password_reaches_the_script() throws IOException {
            user(0);
            settings.sudoPassword("right");

            assertThat(told()).containsExactly("as with a", "in", "put");
        }
    }

    @Nested
    class A_user_with_sudo {

        @BeforeEach
        void start() throws IOException {
            user(1000);
            program("sudo", SUDO);
        }

        @Test
        void becomes_root_without_a_password_where_none_is_wanted() throws IOException {
            program("sudo", "#!/bin/sh\nshift; exec env AS=root \"$@\"\n");

            assertThat(told()).containsExactly("as root with a", "in", "put");
        }

        @Test
        void becomes_root_by_password() throws IOException {
            settings.sudoPassword("right");

            assertThat(told()).containsExactly("as root with a", "in", "put");
            assertThat(calls()).containsExactly("sudo -S LC_ALL=C", "got right");
        }

        @Test
        void becomes_root_where_sudo_wants_no_password_after_all() throws IOException {
            program("sudo", "#!/bin/sh\nshift 3; exec env AS=root \"$@\"\n");
            settings.sudoPassword("right");

            assertThat(told()).containsExactly("as root with a", "in", "put");
        }

        @Test
        void is_told_to_set_a_password() throws IOException {
            assertThat(refusal())
                    .hasMessage("the user someone on 127.0.0.1 needs a password for sudo")
                    .returns(
                            "set ssh.sudoPassword: {env: NAME}, or allow sudo without one"
                                    + " (NOPASSWD)",
                            ConnectException::next);
        }

        @Test
        void is_told_of_a_wrong_password_which_is_tried_only_once() throws IOException {
            settings.sudoPassword("wrong");

            assertThat(refusal())
                    .hasMessage(
                            "the user someone on 127.0.0.1 is refused by sudo: the password is wrong")
                    .returns("correct what ssh.sudoPassword names", ConnectException::next);
            assertThat(calls()).containsExactly("sudo -S LC_ALL=C", "got wrong");
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "someone is not in the sudoers file."
                            + "| may not become root: someone is not in the sudoers file."
                            + "| allow it on the host (visudo), or log in as root",
                    "Sorry, user someone is not allowed to execute '/bin/sh' as root on n1."
                            + "| may not become root: Sorry, user someone is not allowed to execute '/bin/sh' as root on n1."
                            + "| allow it on the host (visudo), or log in as root",
                    "sudo: sorry, you must have a tty to run sudo"
                            + "| may use sudo on a terminal only"
                            + "| add to sudoers on the host: Defaults:someone !requiretty",
                    "sudo: unable to open /etc/sudoers"
                            + "| could not run a command as root (exit code 1): sudo: unable to open /etc/sudoers"
                            + "| try by hand on the host: sudo -n id"
                })
        void is_told_why_sudo_refuses(String said, String what, String next) throws IOException {
            program("sudo", "#!/bin/sh\necho \"" + said + "\" >&2\nexit 1\n");

            assertThat(refusal())
                    .hasMessage("the user someone on 127.0.0.1 " + what)
                    .returns(next, ConnectException::next);
        }
    }

    @Nested
    class A_user_without_sudo {

        @BeforeEach
        void start() throws IOException {
            user(1000);
            // a host that has a shell and nothing else
            for (String name : List.of("sh", "cat", "env")) {
                Files.createSymbolicLink(programs.resolve(name), Path.of("/bin/" + name));
            }
            server.onlyPrograms(programs);
        }

        @Test
        void becomes_root_by_doas() throws IOException {
            program("doas", "#!/bin/sh\nshift; exec env AS=root \"$@\"\n");
            settings.sudoPassword("unused");

            assertThat(told()).containsExactly("as root with a", "in", "put");
        }

        @Test
        void is_told_when_doas_refuses() throws IOException {
            program("doas", "#!/bin/sh\necho 'doas: Operation not permitted' >&2\nexit 1\n");

            assertThat(refusal())
                    .hasMessage(
                            "the user someone on 127.0.0.1 may not become root: doas: Operation not"
                                    + " permitted");
        }

        @Test
        void is_told_that_there_is_neither() throws IOException {
            assertThat(refusal())
                    .hasMessage(
                            "the user someone on 127.0.0.1 is not root, and the host has neither sudo"
                                    + " nor doas")
                    .returns("log in as root, or install sudo", ConnectException::next);
        }
    }

    @Test
    void an_account_without_a_shell_is_told_in_its_own_words() throws IOException {
        Path shell = home.resolve("nologin");
        Files.writeString(
                shell, "#!/bin/sh\necho This account is currently not available.\nexit 1\n");
        assertThat(shell.toFile().setExecutable(true)).isTrue();
        server.shell(shell.toString());

        assertThat(refusal())
                .hasMessage(
                        "the user someone on 127.0.0.1 could not run a command as root (exit code 1):"
                                + " This account is currently not available.");
    }
}
