package io.k8s.sigs.swdt.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** ssh_config(5), as far as it concerns us. */
class SshConfigTest {

    @TempDir Path home;
    private Path file;

    @BeforeEach
    void folder() throws IOException {
        file = Files.createDirectories(home.resolve(".ssh")).resolve("config");
    }

    private SshConfig.Settings of(String name, String text) throws IOException {
        Files.writeString(file, text);
        return new SshConfig(file, home, "me").of(name, null);
    }

    @Test
    void says_nothing_where_it_is_absent() throws IOException {
        assertThat(new SshConfig(file, home, "me").of("h", null))
                .isEqualTo(
                        new SshConfig.Settings(
                                "h", null, null, List.of(), false, null, null, null));
    }

    @Test
    void gives_all_that_we_use() throws IOException {
        assertThat(
                        of(
                                "web1",
                                """
                                # comment
                                Host web*
                                    HostName %h.example.com
                                    User = deploy
                                    Port=2222
                                    IdentityFile "~/my keys/id_%r"
                                    IdentityFile %d/.ssh/other
                                    IdentitiesOnly yes
                                    IdentityAgent ~/agent.sock
                                    ProxyJump bastion
                                    HostKeyAlias box
                                """))
                .isEqualTo(
                        new SshConfig.Settings(
                                "web1.example.com",
                                "deploy",
                                2222,
                                List.of(
                                        home.resolve("my keys/id_deploy"),
                                        home.resolve(".ssh/other")),
                                true,
                                home.resolve("agent.sock").toString(),
                                "bastion",
                                "box"));
    }

    @Test
    void takes_the_first_value_and_adds_identity_files_up() throws IOException {
        SshConfig.Settings settings =
                of(
                        "h",
                        """
                        User first
                        IdentityFile /a
                        Host other
                          User never
                          IdentityFile /never
                        Host h
                          User second
                          IdentityFile /b
                        Host *
                          Port 7
                        """);

        assertThat(settings.user()).isEqualTo("first");
        assertThat(settings.port()).isEqualTo(7);
        assertThat(settings.identityFiles()).containsExactly(Path.of("/a"), Path.of("/b"));
    }

    @ParameterizedTest
    @CsvSource({
        "Host h1, h1, true",
        "Host H1, h1, true",
        "Host a h?, h1, true",
        "Host h? !h1, h1, false",
        "Host !h2, h1, false",
        "Host 10.0.*, 10.0.3.4, true",
        "Host 10.0.*, 10x0.3.4, false",
        "Match all, h1, true",
        "'Match host h1,h2', h2, true",
        "'Match originalhost h* user me', h1, true",
        "'Match host h1 !user me', h1, false",
        "'Match localuser you', h1, false",
        "'Match exec true', h1, false",
        "'Match host', h1, false",
    })
    void holds_for_the_hosts_that_a_block_names(String head, String name, boolean holds)
            throws IOException {
        assertThat(of(name, head + "\n  User yes\n").user()).isEqualTo(holds ? "yes" : null);
    }

    @Test
    void matches_the_name_after_HostName_and_the_user_so_far() throws IOException {
        String text =
                """
                Host h
                  HostName real
                  User root
                Match host real user root
                  Port 5
                Match host h
                  Port 6
                """;

        assertThat(of("h", text).port()).isEqualTo(5);
    }

    @Test
    void includes_other_files_where_the_block_holds() throws IOException {
        Files.createDirectories(home.resolve(".ssh/conf.d"));
        Files.writeString(home.resolve(".ssh/conf.d/1.conf"), "Host h\n  Port 1\n");
        Files.writeString(home.resolve(".ssh/conf.d/2.conf"), "Port 2\nUser two\n");
        Files.writeString(home.resolve("extra"), "HostKeyAlias extra\n");

        SshConfig.Settings settings =
                of("h", "Include conf.d/*.conf\nHost other\n  Include ~/extra\n");

        assertThat(settings.port()).isEqualTo(1);
        assertThat(settings.user()).isEqualTo("two");
        assertThat(settings.hostKeyAlias()).isNull();
    }

    @Test
    void refuses_a_port_that_is_none_with_its_line() {
        assertThatThrownBy(() -> of("h", "\nPort 70000\n"))
                .hasMessage("%s line 2: port '70000' is not within 1 to 65535", file);
    }

    @Test
    void refuses_to_include_itself_for_ever() {
        assertThatThrownBy(() -> of("h", "Include config\n"))
                .hasMessage("%s: Include goes deeper than 16", file);
    }
}
