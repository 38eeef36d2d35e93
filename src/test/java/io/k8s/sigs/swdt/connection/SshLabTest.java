package io.k8s.sigs.swdt.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.k8s.sigs.swdt.connection.ConnectException.Kind;
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
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** SSH to hosts with OpenSSH's server and the real sudo. */
@LabTest
class SshLabTest {

    private static List<LabHost> hosts = List.of();
    private static Path key = Path.of("");

    @TempDir Path home;
    private Connections user;

    @BeforeAll
    static void two_hosts(Lab lab) {
        hosts = lab.linux("ssh1", "ssh2");
        key = lab.keyFile();
        hosts.getFirst()
                .run(
                        "useradd -m plain; echo plain:pw | chpasswd; mkdir ~plain/.ssh;"
                                + " cp ~/.ssh/authorized_keys ~plain/.ssh; chown -R plain: ~plain/.ssh");
    }

    @BeforeEach
    void start() {
        user = new Connections(home);
    }

    @AfterEach
    void stop() {
        user.close();
    }

    private static LabHost first() {
        return hosts.getFirst();
    }

    private static Settings as(String login) {
        return new Settings().user(login).host(first().address()).key(key);
    }

    private static List<String> lines(Connection connection, String script) throws IOException {
        List<String> lines = new ArrayList<>();
        Outcome outcome =
                connection.run(
                        new RemoteCommand(script, List.of("a:b"), "some\ninput\n"), lines::add);
        assertThat(outcome).isEqualTo(new Outcome(0, List.of()));
        return lines;
    }

    private ConnectException refusal(Settings settings) throws IOException {
        Connection connection = user.open("n1", settings);
        return catchThrowableOfType(
                ConnectException.class,
                () -> connection.run(new RemoteCommand("true", List.of(), ""), _ -> {}));
    }

    @Nested
    class A_login {

        @ParameterizedTest
        @CsvSource({"root,", "deploy,", "deploy, not-wanted", "sudopw, sudo-pw"})
        void runs_commands_as_root_with_their_whole_input(String login, String password)
                throws IOException {
            Settings settings = as(login);
            if (password != null) {
                settings.sudoPassword(password);
            }

            assertThat(lines(user.open("n1", settings), "id -un; echo $1; cat"))
                    .containsExactly("root", "a:b", "some", "input");
        }

        @ParameterizedTest
        @CsvSource({
            "sudopw, , needs a password for sudo",
            "sudopw, wrong, is refused by sudo: the password is wrong",
            "plain, pw, may not become root: plain is not in the sudoers file."
        })
        void is_told_why_it_may_not(String login, String password, String what) throws IOException {
            Settings settings = as(login);
            if (password != null) {
                settings.sudoPassword(password);
            }

            assertThat(refusal(settings))
                    .hasMessage("the user %s on %s %s", login, first().address(), what)
                    .returns(Kind.PRIVILEGE, ConnectException::kind);
        }

        @Test
        void is_refused_by_name() throws IOException {
            assertThat(refusal(as("nobody-here")))
                    .hasMessage(
                            "nobody-here@%s accepts none of the ways to log in; tried: key %s",
                            first().address(), key)
                    .returns(Kind.AUTHENTICATION, ConnectException::kind);
        }

        @Test
        void goes_through_a_jump_host() throws IOException {
            LabHost jump = hosts.get(1);
            Settings over = new Settings().user("deploy").host(jump.address()).key(key);

            Connection connection = user.open("n1", as("sudopw").sudoPassword("sudo-pw").via(over));

            assertThat(lines(connection, "hostname; id -un; cat"))
                    .containsExactly("ssh1", "root", "some", "input");
            assertThat(user.asked()).containsExactly(jump.address(), first().address());
        }
    }

    @Nested
    class A_session {

        @Test
        void runs_more_commands_in_a_row_than_sshd_allows_channels_at_once() throws IOException {
            Connection connection = user.open("n1", as("root"));

            for (int i = 0; i < 40; i++) {
                lines(connection, "true");
            }

            assertThat(connection.roundTrips()).isEqualTo(40);
        }

        @Test
        void rides_out_a_short_cut_of_the_cable() throws IOException {
            Connection connection = user.open("n1", as("root"));
            List<String> lines = new ArrayList<>();

            Outcome outcome =
                    connection.run(
                            new RemoteCommand(
                                    "for i in 1 2 3 4; do echo $i; sleep 0.2; done", List.of(), ""),
                            line -> {
                                lines.add(line);
                                if (line.equals("1")) {
                                    first().cut();
                                    first().mend();
                                }
                            });

            assertThat(outcome).isEqualTo(new Outcome(0, List.of()));
            assertThat(lines).containsExactly("1", "2", "3", "4");
        }

        @Test
        void is_dialled_again_after_a_reboot() throws IOException {
            Connection connection = user.open("n1", as("root"));
            String boot = "cat /proc/sys/kernel/random/boot_id";
            List<String> before = lines(connection, boot);

            first().reboot();

            assertThat(afterBreak(connection, boot)).hasSize(1).isNotEqualTo(before);
        }

        // the end of the old session may show only now
        private List<String> afterBreak(Connection connection, String script) throws IOException {
            try {
                return lines(connection, script);
            } catch (ConnectionLostException e) {
                return lines(connection, script);
            }
        }
    }

    @Test
    void brings_a_file_by_sudo() throws IOException {
        byte[] bytes = new byte[5_000_000];
        new Random(1).nextBytes(bytes);
        Path file = Files.write(home.resolve("file"), bytes);
        String sum = Sha256.of(file).hex();

        user.open("n1", as("sudopw").sudoPassword("sudo-pw"))
                .upload(file, sum, "/var/lib/some/blob", _ -> {});

        assertThat(first().run("cd /var/lib/some; stat -c '%U %a %s' blob; sha256sum < blob; ls"))
                .isEqualTo("root 600 5000000\n" + sum + "  -\nblob\n");
    }
}
