package io.k8s.sigs.swdt.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.k8s.sigs.swdt.connection.Connections.Settings;
import io.k8s.sigs.swdt.value.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Uploads to a server on loopback that stores with the real tools of this machine. */
@Timeout(60)
class UploadTest {

    private static final KeyPair KEY = TestServer.keyPair("ssh-ed25519", 256);

    @TempDir Path home;
    private TestServer server;
    private Connections user;
    private Connection connection;
    private Path destination;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer().authorize(KEY.getPublic()).start();
        user = new Connections(home);
        Path keyFile = TestKeys.write(home.resolve("key"), KEY, null);
        connection = user.open("n1", Settings.of(server).key(keyFile));
        destination = home.resolve("host/files/blob");
    }

    @AfterEach
    void stop() throws IOException {
        user.close();
        server.close();
    }

    private Path file(int size) throws IOException {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return Files.write(home.resolve("file"), bytes);
    }

    private List<Long> upload(Path file) throws IOException {
        List<Long> progress = new ArrayList<>();
        connection.upload(file, Sha256.of(file).hex(), destination.toString(), progress::add);
        return progress;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 20_000_000})
    void brings_the_same_bytes_for_root_only(int size) throws IOException {
        Path file = file(size);

        List<Long> progress = upload(file);

        assertThat(destination).hasSameBinaryContentAs(file);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(destination)))
                .isEqualTo("rw-------");
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(destination.getParent())))
                .isEqualTo("rwx------");
        assertThat(progress).isSorted();
        assertThat(progress.isEmpty() ? 0L : progress.getLast()).isEqualTo(size);
        assertThat(connection.roundTrips()).isZero();
    }

    @Test
    void sends_nothing_that_is_there_already() throws IOException {
        Path file = file(1_000_000);
        upload(file);
        Files.setLastModifiedTime(destination, FileTime.fromMillis(1000));

        List<Long> progress = upload(file);

        assertThat(Files.getLastModifiedTime(destination)).isEqualTo(FileTime.fromMillis(1000));
        assertThat(progress).containsExactly(1_000_000L);
    }

    @Test
    void replaces_a_file_with_other_bytes_and_a_part_that_was_left() throws IOException {
        Files.createDirectories(destination.getParent());
        Files.writeString(destination, "old");
        Files.writeString(Path.of(destination + ".swdt-part"), "half");
        Path file = file(1000);

        upload(file);

        assertThat(destination).hasSameBinaryContentAs(file);
        assertThat(Path.of(destination + ".swdt-part")).doesNotExist();
    }

    @Test
    void refuses_bytes_that_are_not_those_of_the_checksum_and_leaves_nothing() throws IOException {
        Path file = file(1000);

        assertThatThrownBy(() ->
                        connection.upload(
                                file, Sha256.of("other").hex(), destination.toString(), _ -> {}))
                .isInstanceOf(UploadException.class)
                .hasMessage(destination + " did not arrive as its checksum says");
        assertThat(destination.getParent()).isEmptyDirectory();
    }

    @Test
    void says_what_the_host_said_when_the_folder_cannot_be_made() throws IOException {
        Files.writeString(home.resolve("host"), "a file, no folder");

        assertThatThrownBy(() -> upload(file(20_000_000)))
                .isInstanceOf(UploadException.class)
                .hasMessage(
                        "the folder for %s could not be made: mkdir: cannot create directory '%s': Not a directory",
                        destination, home.resolve("host"));
    }

    @Test
    void says_that_the_disk_is_full_as_soon_as_it_is() throws IOException {
        program("cat", "echo 'cat: write error: No space left on device' >&2\nexit 1\n");

        assertThatThrownBy(() -> upload(file(20_000_000)))
                .isInstanceOf(UploadException.class)
                .hasMessage(
                        "%s could not be written (is the disk full?): cat: write error: No space left"
                                + " on device",
                        destination);
        assertThat(destination.getParent()).isEmptyDirectory();
    }

    @Test
    void is_refused_where_a_folder_stands() throws IOException {
        Files.createDirectories(destination);

        assertThatThrownBy(() -> upload(file(10)))
                .isInstanceOf(UploadException.class)
                .hasMessage("%s could not be stored (exit code 73): it is a folder", destination);
    }

    private void program(String name, String text) throws IOException {
        Path programs = Files.createDirectories(home.resolve("bin"));
        Path file = Files.writeString(programs.resolve(name), "#!/bin/sh\n" + text);
        assertThat(file.toFile().setExecutable(true)).isTrue();
        server.programs(programs);
    }

    @Test
    void goes_on_with_a_new_login_after_the_connection_broke() throws IOException {
        Path file = file(20_000_000);
        assertThatThrownBy(() ->
                        connection.upload(
                                file,
                                Sha256.of(file).hex(),
                                destination.toString(),
                                sent -> {
                                    if (sent > 5_000_000) {
                                        server.cut();
                                    }
                                }))
                .isInstanceOf(ConnectionLostException.class);

        upload(file);

        assertThat(destination).hasSameBinaryContentAs(file);
        assertThat(server.logins()).isEqualTo(2);
    }
}
