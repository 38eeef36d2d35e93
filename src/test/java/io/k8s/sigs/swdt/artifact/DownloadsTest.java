package io.k8s.sigs.swdt.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DownloadsTest {

    private static final byte[] CONTENT = new byte[300_000];

    static {
        new Random(1).nextBytes(CONTENT);
    }

    @TempDir Path folder;

    private final FileServer server = new FileServer().with("/a", CONTENT);
    private final Downloads downloads = new Downloads(Duration.ofMillis(300));
    private Path part;

    @BeforeEach
    void a_place() {
        part = folder.resolve("part");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private boolean fetch(String path) throws ArtifactException {
        return downloads.fetch(server.url() + path, part, _ -> {});
    }

    @Test
    void a_file_comes_whole_and_is_asked_for_once() throws IOException {
        assertThat(fetch("/a")).isTrue();
        assertThat(part).hasBinaryContent(CONTENT);
        assertThat(server.requests()).containsExactly("/a");
    }

    @Test
    void a_file_that_is_not_there_is_no_error_yet() throws IOException {
        assertThat(fetch("/b")).isFalse();
        assertThat(downloads.text(server.url() + "/b")).isEmpty();
    }

    @Test
    void a_broken_transfer_goes_on_where_it_was() throws IOException {
        server.breakAfter = 100_000;

        assertThat(fetch("/a")).isTrue();

        assertThat(part).hasBinaryContent(CONTENT);
        assertThat(server.requests()).hasSize(2).last().asString().matches("/a bytes=\\d{4,6}-");
    }

    @Test
    void a_stalled_transfer_goes_on_where_it_was() throws IOException {
        server.stallAfter = 100_000;

        assertThat(fetch("/a")).isTrue();

        assertThat(part).hasBinaryContent(CONTENT);
        assertThat(server.requests()).hasSize(2).last().asString().matches("/a bytes=\\d{4,6}-");
    }

    @Test
    void a_file_that_was_replaced_meanwhile_comes_from_its_start() throws IOException {
        server.breakAfter = 100_000;
        byte[] other = CONTENT.clone();
        other[0]++;
        assertThat(fetch("/a")).isTrue();
        Files.write(part, new byte[50_000]);
        server.with("/a", other);

        assertThat(fetch("/a")).isTrue();

        assertThat(part).hasBinaryContent(other);
    }

    @Test
    void a_server_without_ranges_sends_all_again() throws IOException {
        server.ranges = false;
        server.breakAfter = 100_000;

        assertThat(fetch("/a")).isTrue();

        assertThat(part).hasBinaryContent(CONTENT);
    }

    @Test
    void a_server_in_trouble_is_asked_three_times() throws IOException {
        server.failures.set(2);
        assertThat(fetch("/a")).isTrue();
        assertThat(server.requests()).hasSize(3);

        server.failures.set(3);
        assertThatThrownBy(() -> fetch("/a"))
                .isInstanceOf(ArtifactException.class)
                .hasMessage(server.url() + "/a answers with status 503 (try 3/3)");
    }

    @Test
    void a_refusal_is_final() {
        server.failures.set(1);
        server.status = 403;

        assertThatThrownBy(() -> fetch("/a"))
                .isInstanceOf(ArtifactException.class)
                .hasMessage(server.url() + "/a answers with status 403");
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void a_server_that_never_answers_is_given_up() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            String url = "http://127.0.0.1:" + silent.getLocalPort() + "/a";

            assertThatThrownBy(() -> downloads.fetch(url, part, _ -> {}))
                    .isInstanceOf(ArtifactException.class)
                    .hasMessage(url + " cannot be fetched: request timed out");
        }
    }

    @Test
    void what_is_no_address_or_no_text_is_no_internal_error() throws IOException {
        assertThatThrownBy(() -> downloads.fetch("http://example.org/{a}", part, _ -> {}))
                .isInstanceOf(ArtifactException.class)
                .hasMessageStartingWith("http://example.org/{a} is no address: ");
        assertThat(downloads.text(server.url() + "/a")).isPresent();
    }

    @Test
    void a_server_that_is_not_there_is_named_with_what_to_do() {
        String url = server.url();
        server.close();

        assertThatThrownBy(() -> downloads.fetch(url + "/a", part, _ -> {}))
                .isInstanceOfSatisfying(
                        ArtifactException.class,
                        e -> {
                            assertThat(e)
                                    .hasMessage(
                                            url
                                                    + "/a cannot be fetched: no connection to the server");
                            assertThat(e.next())
                                    .isEqualTo(
                                            "look whether this machine reaches the server (proxy: HTTPS_PROXY), or use a mirror (artifacts.mirror)");
                        });
    }
}
