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

/** Ways to log in, against a server on loopback. */
@Timeout(60)
class LoginTest {

    private static final KeyPair KEY = TestServer.keyPair("ssh-ed25519", 256);
    private static final KeyPair OTHER = TestServer.keyPair("ssh-ed25519", 256);

    @TempDir Path home;
    private TestServer server;
    private Connections user;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer().authorize(KEY.getPublic()).start();
        user = new Connections(home);
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
        return catchThrowableOfType(
                ConnectException.class,
                () -> connection.run(new RemoteCommand("true", List.of(), ""), _ -> {}));
    }

    private String where() {
        return "someone@127.0.0.1:" + server.port();
    }

    @Nested
    class By_a_key_file {

        @ParameterizedTest
        @CsvSource({"ssh-ed25519, 256", "ecdsa-sha2-nistp256, 256", "ssh-rsa, 2048"})
        void works_for_each_type(String type, int bits) throws IOException {
            KeyPair pair = TestServer.keyPair(type, bits);
            server.authorize(pair.getPublic());

            works(settings().key(TestKeys.write(home.resolve("key"), pair, null)));
        }

        @Test
        void works_with_its_passphrase() throws IOException {
            works(
                    settings()
                            .key(TestKeys.write(home.resolve("key"), KEY, "open it"))
                            .passphrase("open it"));
        }

        @Test
        void is_refused_with_another_passphrase() throws IOException {
            Path file = TestKeys.write(home.resolve("key"), KEY, "open it");

            assertThat(refusal(settings().key(file).passphrase("shut it")))
                    .hasMessage(
                            "the key %s for %s cannot be used: its passphrase is another",
                            file, where())
                    .returns(Kind.AUTHENTICATION, ConnectException::kind)
                    .returns(
                            "set ssh.passphrase: {env: NAME} to its passphrase, or add it to the SSH"
                                    + " agent (ssh-add)",
                            ConnectException::next);
        }

        @Test
        void is_refused_without_its_passphrase() throws IOException {
            Path file = TestKeys.write(home.resolve("key"), KEY, "open it");

            assertThat(refusal(settings().key(file)))
                    .hasMessage(
                            "the key %s for %s cannot be used: it has a passphrase", file, where());
        }

        @Test
        void is_refused_when_there_is_no_such_file() throws IOException {
            Path file = home.resolve("absent");

            assertThat(refusal(settings().key(file)))
                    .hasMessage(
                            "the key %s for %s cannot be used: it does not exist", file, where())
                    .returns("correct ssh.keyFile", ConnectException::next);
        }

        @Test
        void is_refused_when_it_is_no_key() throws IOException {
            Path file = Files.writeString(home.resolve("text"), "no key\n");

            assertThat(refusal(settings().key(file)))
                    .hasMessage(
                            "the key %s for %s cannot be used: it is no private key",
                            file, where());
        }

        @Test
        void that_the_host_does_not_know_is_named_with_what_to_try() throws IOException {
            Path file = TestKeys.write(home.resolve("key"), OTHER, null);

            assertThat(refusal(settings().key(file).password("guess")))
                    .hasMessage(
                            "%s accepts none of the ways to log in; tried: key %s, password",
                            where(), file)
                    .returns(Kind.AUTHENTICATION, ConnectException::kind)
                    .returns(
                            "try by hand: ssh -p "
                                    + server.port()
                                    + " someone@127.0.0.1; then set ssh.user, ssh.keyFile or"
                                    + " ssh.password to what works",
                            ConnectException::next);
        }

        @Test
        void is_found_in_the_home_folder() throws IOException {
            TestKeys.write(home.resolve(".ssh/id_ed25519"), OTHER, null);
            TestKeys.write(home.resolve(".ssh/id_rsa"), KEY, null);

            works(settings());
        }
    }

    @Nested
    class By_password {

        @Test
        void works() throws IOException {
            server.password("sesame");

            LoginTest.this.works(settings().password("sesame"));
        }

        @Test
        void works_where_the_host_only_asks_questions() throws IOException {
            server.password("sesame").only(TestServer.byQuestion());

            LoginTest.this.works(settings().password("sesame"));
        }

        @Test
        void works_whatever_letters_it_and_the_user_name_have() throws IOException {
            server.password("Schlüssel €");

            LoginTest.this.works(settings().user("Jürgen Müller").password("Schlüssel €"));

            assertThat(server.users()).containsExactly("Jürgen Müller");
        }

        @Test
        void is_refused_without_telling_it() throws IOException {
            server.password("sesame").only(TestServer.byPassword());

            assertThat(refusal(settings().password("guess")))
                    .hasMessage("%s accepts none of the ways to log in; tried: password", where());
        }

        @Test
        void without_any_says_so() throws IOException {
            assertThat(refusal(settings()))
                    .hasMessage(
                            "%s accepts none of the ways to log in; tried: nothing, as there is no"
                                    + " key and no password",
                            where());
        }
    }

    @Nested
    class By_the_agent {

        private TestAgent agent;

        @BeforeEach
        void start() throws IOException {
            agent =
                    new TestAgent(
                            home.resolve("agent"), TestServer.keyPair("ssh-rsa", 2048), KEY, OTHER);
            user.variable("SSH_AUTH_SOCK", agent.socket());
        }

        @AfterEach
        void stop() throws IOException {
            agent.close();
        }

        @Test
        void works() throws IOException {
            LoginTest.this.works(settings());
        }

        @Test
        void works_with_an_rsa_key() throws IOException {
            KeyPair rsa = TestServer.keyPair("ssh-rsa", 2048);
            server.authorize(rsa.getPublic());
            try (TestAgent other = new TestAgent(home.resolve("other"), rsa)) {
                user.variable("SSH_AUTH_SOCK", other.socket());

                LoginTest.this.works(settings());
            }
        }

        @Test
        void works_for_an_encrypted_key_file_that_it_has_open() throws IOException {
            LoginTest.this.works(
                    settings().key(TestKeys.write(home.resolve("key"), KEY, "not told")));
        }

        @Test
        void offers_no_other_key_where_the_file_names_one() throws IOException {
            Path file =
                    TestKeys.write(
                            home.resolve("key"),
                            TestServer.keyPair("ssh-ed25519", 256),
                            "not told");

            assertThat(refusal(settings().key(file)))
                    .hasMessage(
                            "%s accepts none of the ways to log in; tried: key %s (not used: it has a"
                                    + " passphrase), the SSH agent with 0 keys",
                            where(), file);
        }

        @Test
        void offers_no_other_key_with_IdentitiesOnly() throws IOException {
            Path file = TestKeys.write(home.resolve("key"), OTHER, null);
            Files.createDirectories(home.resolve(".ssh"));
            Files.writeString(
                    home.resolve(".ssh/config"), "IdentitiesOnly yes\nIdentityFile ~/key\n");

            assertThat(refusal(settings()))
                    .hasMessage(
                            "%s accepts none of the ways to log in; tried: key %s, the SSH agent with"
                                    + " 1 key",
                            where(), file);
        }

        @Test
        void is_left_out_where_nobody_answers() throws IOException {
            agent.close();
            Files.delete(Path.of(agent.socket()));
            TestKeys.write(home.resolve(".ssh/id_ed25519"), OTHER, null);

            assertThat(refusal(settings()))
                    .hasMessage(
                            "%s accepts none of the ways to log in; tried: key %s, the SSH agent (it"
                                    + " does not answer at %s)",
                            where(), home.resolve(".ssh/id_ed25519"), agent.socket());

            server.password("sesame");
            LoginTest.this.works(settings().password("sesame"));
        }
    }
}
