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
import org.junit.jupiter.params.provider.ValueSource;

/** Which host keys are trusted, against a server on loopback. */
@Timeout(60)
class HostKeysTest {

    private static final KeyPair KEY = TestServer.keyPair("ssh-ed25519", 256);
    private static final KeyPair ED25519 = TestServer.keyPair("ssh-ed25519", 256);
    private static final KeyPair ECDSA = TestServer.keyPair("ecdsa-sha2-nistp256", 256);
    private static final HostKey SHOWN = HostKey.of(ED25519.getPublic());
    private static final HostKey OTHER = HostKey.of(KEY.getPublic());

    @TempDir Path home;
    private TestServer server;
    private Connections user;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer().authorize(KEY.getPublic()).hostKeys(ED25519, ECDSA).start();
        user = new Connections(home).distrusting();
        TestKeys.write(home.resolve(".ssh/id_ed25519"), KEY, null);
    }

    @AfterEach
    void stop() throws IOException {
        user.close();
        server.close();
    }

    private Settings settings() {
        return Settings.of(server);
    }

    private void works(Settings settings) throws IOException {
        List<String> lines = new ArrayList<>();
        user.open("n1", settings).run(new RemoteCommand("echo in", List.of(), ""), lines::add);
        assertThat(lines).containsExactly("in");
    }

    private ConnectException refusal(Settings settings) throws IOException {
        Connection connection = user.open("n1", settings);
        ConnectException e =
                catchThrowableOfType(
                        ConnectException.class,
                        () -> connection.run(new RemoteCommand("true", List.of(), ""), _ -> {}));
        assertThat(server.logins()).isZero();
        return e;
    }

    private Path known(String line) throws IOException {
        return Files.writeString(user.users(), "# mine\n" + line + "\n");
    }

    private String where() {
        return "someone@127.0.0.1:" + server.port();
    }

    @Nested
    class A_host_that_nobody_knows {

        @Test
        void is_refused_unless_the_policy_accepts_it() throws IOException {
            assertThat(refusal(settings()))
                    .hasMessage(
                            "the host key of %s is not known (%s, ssh-ed25519)",
                            server.name(), SHOWN.fingerprint())
                    .returns(Kind.HOST_KEY, ConnectException::kind)
                    .returns(
                            "compare it on the host (ssh-keygen -lf"
                                    + " /etc/ssh/ssh_host_ed25519_key.pub), then run again with"
                                    + " --accept-new-host-keys, or set hostKey: in the cluster file",
                            ConnectException::next);
            assertThat(user.ours()).doesNotExist();
        }

        @Test
        void is_remembered_once_it_was_accepted() throws IOException {
            try (Connections trusting = new Connections(home)) {
                trusting.open("n1", settings())
                        .run(new RemoteCommand("true", List.of(), ""), _ -> {});
                assertThat(trusting.asked()).containsExactly(server.name());
            }
            assertThat(user.ours()).hasContent(server.name() + " " + SHOWN);

            works(settings());
            assertThat(user.asked()).isEmpty();
        }
    }

    @Nested
    class A_host_that_is_known {

        @Test
        void is_trusted_from_the_users_file() throws IOException {
            known(server.name() + " " + SHOWN + " comment");

            works(settings());
        }

        @Test
        void is_trusted_when_its_name_is_hashed() throws IOException {
            known(Hashed.name(server.name()) + " " + SHOWN);

            works(settings());
        }

        @Test
        void is_trusted_by_a_key_of_another_type_than_the_first() throws IOException {
            known(server.name() + " " + HostKey.of(ECDSA.getPublic()));

            works(settings());
        }

        @Test
        void is_trusted_by_its_HostKeyAlias() throws IOException {
            Files.writeString(home.resolve(".ssh/config"), "HostKeyAlias box\n");
            known("box " + SHOWN);

            works(settings());
        }

        @Test
        void is_refused_with_another_key() throws IOException {
            Path file = known(server.name() + " " + OTHER);

            assertThat(refusal(settings()))
                    .hasMessage(
                            "%s shows the host key %s (ssh-ed25519); %s line 2 knows it by %s"
                                    + " (ssh-ed25519)",
                            where(), SHOWN.fingerprint(), file, OTHER.fingerprint())
                    .returns(Kind.HOST_KEY, ConnectException::kind)
                    .returns(
                            String.format(
                                    "if the host was set up anew: ssh-keygen -R '%s' -f '%s'; else"
                                            + " somebody may be listening in",
                                    server.name(), file),
                            ConnectException::next);
        }

        @Test
        void is_refused_with_a_key_of_a_type_that_is_not_known() throws IOException {
            HostKey rsa = HostKey.of(TestServer.keyPair("ssh-rsa", 2048).getPublic());
            Path file = known(server.name() + " " + rsa);

            assertThat(refusal(settings()))
                    .hasMessage(
                            "%s shows the host key %s (ssh-ed25519); %s line 2 knows it by %s"
                                    + " (ssh-rsa)",
                            where(), SHOWN.fingerprint(), file, rsa.fingerprint());
        }

        @Test
        void is_refused_with_a_revoked_key() throws IOException {
            Path file = known("@revoked * " + SHOWN);

            assertThat(refusal(settings()))
                    .hasMessage(
                            "%s shows the host key %s, which %s line 2 marks as revoked",
                            where(), SHOWN.fingerprint(), file);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "@cert-authority * KEY",
                    "127.0.0.1 KEY",
                    "*,!NAME KEY",
                    "NAME ssh-ed25519",
                    "NAME ssh-ed25519 %%%"
                })
        void is_not_known_by_a_line_for_something_else(String line) throws IOException {
            known(line.replace("NAME", server.name()).replace("KEY", OTHER.toString()));

            assertThat(refusal(settings())).hasMessageContaining(" is not known (");
        }
    }

    @Nested
    class A_key_in_the_cluster_file {

        @Test
        void is_trusted_without_known_hosts() throws IOException {
            works(settings().hostKey(SHOWN + " root@n1"));
        }

        @Test
        void is_trusted_as_a_fingerprint() throws IOException {
            works(settings().hostKey(SHOWN.fingerprint()));
        }

        @Test
        void is_trusted_whatever_its_type() throws IOException {
            works(settings().hostKey(HostKey.of(ECDSA.getPublic()).toString()));
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void refuses_any_other_even_if_known(boolean whole) throws IOException {
            known(server.name() + " " + SHOWN);

            assertThat(refusal(settings().hostKey(whole ? OTHER.toString() : OTHER.fingerprint())))
                    .hasMessage(
                            "%s shows the host key %s (ssh-ed25519), not the one that hostKey in the"
                                    + " cluster file names",
                            where(), SHOWN.fingerprint());
        }

        @Test
        void is_not_enough_in_part() throws IOException {
            String text = SHOWN.toString();

            assertThat(refusal(settings().hostKey(text.substring(0, text.length() - 4))))
                    .hasMessageContaining("not the one that hostKey in the cluster file names");
        }
    }
}
