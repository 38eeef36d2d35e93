package io.k8s.sigs.swdt.artifact;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A web server on loopback that behaves as badly as it is told to. */
final class FileServer implements AutoCloseable {

    private final HttpServer server;
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());

    /** Answers with this status as often. */
    final AtomicInteger failures = new AtomicInteger();

    volatile int status = 503;

    /** How many bytes of a file it sends before it breaks the connection; once. */
    volatile int breakAfter = -1;

    /** The same, but it sends nothing more and keeps the connection. */
    volatile int stallAfter = -1;

    volatile boolean ranges = true;

    FileServer() {
        try {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    FileServer with(String path, byte[] content) {
        files.put(path, content);
        return this;
    }

    FileServer with(String path, String content) {
        return with(path, content.getBytes(StandardCharsets.UTF_8));
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Path and range of each request. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String range = exchange.getRequestHeaders().getFirst("Range");
        requests.add(path + (range == null ? "" : " " + range));
        try (exchange) {
            if (failures.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
                exchange.sendResponseHeaders(status, -1);
                return;
            }
            byte[] content = files.get(path);
            if (content == null) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            String tag = "\"" + Arrays.hashCode(content) + "\"";
            exchange.getResponseHeaders().set("ETag", tag);
            boolean more =
                    ranges
                            && range != null
                            && tag.equals(exchange.getRequestHeaders().getFirst("If-Range"));
            int from = more ? Integer.parseInt(range.replaceAll("[^0-9]", "")) : 0;
            exchange.sendResponseHeaders(more ? 206 : 200, content.length - from);
            send(exchange.getResponseBody(), content, from);
        }
    }

    private void send(OutputStream out, byte[] content, int from) throws IOException {
        int limit = Math.max(breakAfter, stallAfter);
        boolean stall = stallAfter >= 0;
        breakAfter = -1;
        stallAfter = -1;
        if (limit < 0) {
            out.write(content, from, content.length - from);
            return;
        }
        out.write(content, from, limit);
        out.flush();
        if (stall) {
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        throw new IOException("broken as it was told to");
    }

    @Override
    public void close() {
        end.countDown();
        server.stop(0);
    }
}
