package io.k8s.sigs.swdt.artifact;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.net.ConnectException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Copies from an address ({@code https:}, {@code http:}, {@code file:}, {@code tar:}) to a file.
 */
final class Downloads {

    private static final int TRIES = 3;

    private final Duration stall;
    private @Nullable HttpClient client;

    Downloads() {
        this(Duration.ofMinutes(1));
    }

    /**
     * @param stall when nothing has arrived for so long, the transfer is begun again where it was
     */
    Downloads(Duration stall) {
        this.stall = stall;
    }

    /**
     * A small file's text.
     *
     * @return empty if there is no such file
     * @throws ArtifactException if the server could not be reached
     */
    Optional<String> text(String address) throws ArtifactException {
        try {
            Path file = Files.createTempFile("swdt", ".txt");
            try {
                if (!fetch(address, file, _ -> {})) {
                    return Optional.empty();
                }
                // whatever is not text is no answer to what is looked for in it
                return Optional.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
            } finally {
                Files.delete(file);
                Files.deleteIfExists(tag(file));
            }
        } catch (ArtifactException e) {
            throw e;
        } catch (IOException e) {
            throw failed(address, e);
        }
    }

    /** Where the mark of what is half fetched lies, by which it is known again. */
    static Path tag(Path part) {
        return part.resolveSibling(part.getFileName() + ".tag");
    }

    /**
     * Fetches a file whole, or goes on with one that was begun: {@code If-Range} makes sure that it
     * is still the same.
     *
     * @param part where the bytes go; its tag lies beside it
     * @return false if there is no such file
     */
    boolean fetch(String address, Path part, LongConsumer progress) throws ArtifactException {
        try {
            if (address.startsWith("tar:")) {
                member(address, part);
                return true;
            }
            if (address.startsWith("file:")) {
                Path file = Path.of(URI.create(address));
                if (!Files.isRegularFile(file)) {
                    return false;
                }
                Files.copy(file, part, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
                return true;
            }
            return http(address, part, progress);
        } catch (ArtifactException e) {
            throw e;
        } catch (IOException e) {
            throw failed(address, e);
        }
    }

    private boolean http(String address, Path part, LongConsumer progress) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                int status = once(address, part, progress);
                if (status < 300 || status == 416) {
                    return true;
                }
                if (status == 404 || status == 410) {
                    return false;
                }
                if (status < 500 || attempt == TRIES) {
                    throw new ArtifactException(
                            address
                                    + " answers with status "
                                    + status
                                    + (attempt > 1 ? " (try " + attempt + "/" + TRIES + ")" : ""),
                            "look whether the address is right and the server well; or use a mirror (artifacts.mirror)",
                            null);
                }
            } catch (ArtifactException e) {
                throw e;
            } catch (IOException e) {
                if (attempt == TRIES) {
                    throw e;
                }
            }
        }
    }

    private int once(String address, Path part, LongConsumer progress) throws IOException {
        Path tagFile = tag(part);
        long have = Files.exists(part) && Files.exists(tagFile) ? Files.size(part) : 0;
        // the limit is that of the answer's beginning
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(address)).timeout(stall);
        if (have > 0) {
            request.header("Range", "bytes=" + have + "-")
                    .header("If-Range", Files.readString(tagFile));
        }
        HttpResponse<InputStream> response;
        try {
            response = client().send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        try (InputStream body = response.body();
                Watch watch = Watch.on(body, stall)) {
            boolean more = response.statusCode() == 206;
            if (response.statusCode() != 200 && !more) {
                return response.statusCode();
            }
            if (!more) {
                Files.deleteIfExists(tagFile);
                Optional<String> tag =
                        response.headers().firstValue("ETag").filter(t -> !t.startsWith("W/"));
                tag = tag.isPresent() ? tag : response.headers().firstValue("Last-Modified");
                if (tag.isPresent()) {
                    Files.writeString(tagFile, tag.get());
                }
            }
            try (OutputStream out =
                    more
                            ? Files.newOutputStream(part, StandardOpenOption.APPEND)
                            : Files.newOutputStream(part)) {
                long total = more ? have : 0;
                byte[] buffer = new byte[1 << 16];
                for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
                    out.write(buffer, 0, n);
                    total += n;
                    watch.seen();
                    progress.accept(total);
                }
            } catch (IOException e) {
                watch.check();
                throw e;
            }
            watch.check();
        }
        return 200;
    }

    private static URI uri(String address) throws ArtifactException {
        try {
            return URI.create(address);
        } catch (IllegalArgumentException e) {
            throw new ArtifactException(
                    address + " is no address: " + e.getMessage(),
                    "correct it in the cluster file (or SWDT_MIRROR)",
                    e);
        }
    }

    // the library limits the time until a response begins, not that between its parts
    private static final class Watch implements AutoCloseable {

        private final Duration limit;
        private final Thread thread;
        private volatile long last = System.nanoTime();
        private volatile boolean stalled;

        private Watch(InputStream body, Duration limit) {
            this.limit = limit;
            this.thread = Thread.ofVirtual().start(() -> guard(body));
        }

        static Watch on(InputStream body, Duration limit) {
            return new Watch(body, limit);
        }

        void seen() {
            last = System.nanoTime();
        }

        void check() throws IOException {
            if (stalled) {
                throw new IOException("nothing arrived for " + limit.toSeconds() + " s");
            }
        }

        private void guard(InputStream body) {
            try {
                long left = limit.toNanos();
                while (left > 0) {
                    TimeUnit.NANOSECONDS.sleep(left);
                    left = last + limit.toNanos() - System.nanoTime();
                }
                stalled = true;
                body.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // all has arrived
            } catch (IOException _) {
                // the reader sees that it is closed
            }
        }

        @Override
        public void close() {
            thread.interrupt();
        }
    }

    // made late: it costs 200 ms, and a run with a mirror in a folder needs none
    private synchronized HttpClient client() throws ArtifactException {
        HttpClient made = client;
        if (made == null) {
            made =
                    HttpClient.newBuilder()
                            .followRedirects(HttpClient.Redirect.NORMAL)
                            .connectTimeout(Duration.ofSeconds(20))
                            .proxy(
                                    EnvironmentProxy.of(System.getenv())
                                            .orElse(ProxySelector.getDefault()))
                            .build();
            client = made;
        }
        return made;
    }

    private static void member(String address, Path part) throws IOException {
        int mark = address.lastIndexOf("?offset=");
        String[] numbers = address.substring(mark + 8).split("&size=", 2);
        try (RandomAccessFile tar = new RandomAccessFile(address.substring(4, mark), "r");
                OutputStream out = Files.newOutputStream(part)) {
            tar.seek(Long.parseLong(numbers[0]));
            byte[] buffer = new byte[1 << 16];
            for (long left = Long.parseLong(numbers[1]); left > 0; ) {
                int n = tar.read(buffer, 0, (int) Math.min(left, buffer.length));
                if (n < 0) {
                    throw new IOException("the tar file ends too early");
                }
                out.write(buffer, 0, n);
                left -= n;
            }
        }
    }

    private static ArtifactException failed(String address, IOException e) {
        String why = e.getMessage() == null ? e.toString() : e.getMessage();
        return new ArtifactException(
                address
                        + " cannot be fetched: "
                        // the library's has no words of its own
                        + (e instanceof ConnectException ? "no connection to the server" : why),
                "look whether this machine reaches the server (proxy: HTTPS_PROXY), or use a mirror (artifacts.mirror)",
                e);
    }
}
