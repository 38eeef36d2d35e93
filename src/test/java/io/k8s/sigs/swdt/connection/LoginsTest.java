package io.k8s.sigs.swdt.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.k8s.sigs.swdt.config.Cluster.Ssh;
import io.k8s.sigs.swdt.value.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cluster file over ~/.ssh/config over OpenSSH's defaults. */
class LoginsTest {

    private static final Ssh NOTHING =
            new Ssh(null, null, null, null, null, null, null, true, null, null);

    @TempDir Path home;
    private Path ssh;

    @BeforeEach
    void folder() throws IOException {
        ssh = Files.createDirectories(home.resolve(".ssh"));
    }

    private Login of(Ssh settings, String config) throws IOException {
        Files.writeString(ssh.resolve("config"), config);
        return new Logins(home, "me", Map.of("SSH_AUTH_SOCK", "/agent")).of(settings, "10.0.0.5");
    }

    private static Login plain(String host, String user, List<Path> keys, @Nullable Login jump) {
        return new Login(
                host, host, 22, user, keys, false, null, null, null, Path.of("/agent"), null, jump);
    }

    @Test
    void fall_back_to_the_defaults_of_OpenSSH() throws IOException {
        Path rsa = Files.writeString(ssh.resolve("id_rsa"), "");
        Path ed25519 = Files.writeString(ssh.resolve("id_ed25519"), "");

        assertThat(of(NOTHING, "")).isEqualTo(plain("10.0.0.5", "me", List.of(ed25519, rsa), null));
    }

    @Test
    void take_the_cluster_file_first() throws IOException {
        Secret secret = new Secret("x");
        Ssh settings =
                new Ssh(
                        "Box",
                        "root",
                        2222,
                        Path.of("/key"),
                        secret,
                        secret,
                        secret,
                        false,
                        "SHA256:abc",
                        null);

        assertThat(of(settings, "User other\nPort 1\nIdentityFile /no\nHostName 10.1.1.1\n"))
                .isEqualTo(
                        new Login(
                                "[10.1.1.1]:2222",
                                "10.1.1.1",
                                2222,
                                "root",
                                List.of(Path.of("/key")),
                                true,
                                secret,
                                secret,
                                secret,
                                null,
                                "SHA256:abc",
                                null));
    }

    @Test
    void go_through_nested_jump_hosts_of_the_cluster_file() throws IOException {
        Ssh outer = new Ssh("outer", "a", null, null, null, null, null, true, null, null);
        Ssh inner = new Ssh("inner", "b", null, null, null, null, null, true, null, outer);
        Ssh settings = new Ssh(null, null, null, null, null, null, null, true, null, inner);

        Login login = of(settings, "Host 10.0.0.5\n  ProxyJump ignored\n");

        assertThat(login)
                .isEqualTo(
                        plain(
                                "10.0.0.5",
                                "me",
                                List.of(),
                                plain(
                                        "inner",
                                        "b",
                                        List.of(),
                                        plain("outer", "a", List.of(), null))));
        assertThat(login.where()).isEqualTo("me@10.0.0.5 (through b@inner (through a@outer))");
    }

    @Test
    void go_through_the_jump_hosts_of_ssh_config_in_order() throws IOException {
        assertThat(of(NOTHING, "Host 10.*\n  ProxyJump a@one:2200,two\nHost two\n  User b\n"))
                .isEqualTo(
                        plain(
                                "10.0.0.5",
                                "me",
                                List.of(),
                                plain(
                                        "two",
                                        "b",
                                        List.of(),
                                        new Login(
                                                "[one]:2200",
                                                "one",
                                                2200,
                                                "a",
                                                List.of(),
                                                false,
                                                null,
                                                null,
                                                null,
                                                Path.of("/agent"),
                                                null,
                                                null))));
    }

    @Test
    void go_straight_where_ProxyJump_is_none() throws IOException {
        assertThat(of(NOTHING, "ProxyJump none\n").jump()).isNull();
    }

    @Test
    void refuse_jump_hosts_that_go_round() {
        assertThatThrownBy(() -> of(NOTHING, "Host *\n  ProxyJump bastion\n"))
                .hasMessage("more than 8 jump hosts in a row");
    }

    @Test
    void take_another_agent_or_none_from_ssh_config() throws IOException {
        assertThat(of(NOTHING, "IdentityAgent ~/a\n").agent()).isEqualTo(home.resolve("a"));
        assertThat(of(NOTHING, "IdentityAgent SSH_AUTH_SOCK\n").agent())
                .isEqualTo(Path.of("/agent"));
        assertThat(of(NOTHING, "IdentityAgent none\n").agent()).isNull();
    }
}
