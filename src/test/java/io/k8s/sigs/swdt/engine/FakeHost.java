package io.k8s.sigs.swdt.engine;

import io.k8s.sigs.swdt.agent.Agent;
import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.connection.Connection;
import io.k8s.sigs.swdt.connection.ConnectionLostException;
import io.k8s.sigs.swdt.connection.Outcome;
import io.k8s.sigs.swdt.connection.RemoteCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A host that runs programs of the agent by reading their steps: each is started and applied, and
 * its events are kept, so that they can be followed. It gets into trouble when it is told to.
 */
final class FakeHost implements Connection {

    private static final Pattern STEP = Pattern.compile("^step '[^']*' '([^']*)'");
    private static final Pattern BLOB = Pattern.compile("^with_blob '([^']*)'");

    private final String name;
    private final Map<String, List<String>> programs = new HashMap<>();
    private final Map<String, CountDownLatch> uploads = new ConcurrentHashMap<>();
    private final Set<String> started = ConcurrentHashMap.newKeySet();
    private final CountDownLatch stop = new CountDownLatch(1);

    /** What happened, in order: {@code started KEY}, {@code upload SHA}, {@code stop}. */
    final List<String> deeds = Collections.synchronizedList(new ArrayList<>());

    /** Programs as they came, secrets and all. */
    final List<String> texts = Collections.synchronizedList(new ArrayList<>());

    /** Ends of programs that come instead of running them, e.g. {@code locked\tben}. */
    final ConcurrentLinkedQueue<String> ends = new ConcurrentLinkedQueue<>();

    /** After that many lines of a program the connection breaks; once each. */
    final ConcurrentLinkedQueue<Integer> breaks = new ConcurrentLinkedQueue<>();

    /** Keys of steps that fail. */
    final Set<String> failing = ConcurrentHashMap.newKeySet();

    /** Keys of steps that do not end before they are asked to stop. */
    final Set<String> endless = ConcurrentHashMap.newKeySet();

    /** Open until an endless step runs. */
    final CountDownLatch waiting = new CountDownLatch(1);

    /** Whether nobody answers any more. */
    volatile boolean gone;

    private int starts;

    FakeHost(String name) {
        this.name = name;
    }

    /** How often its facts were read. */
    int looks() {
        return starts;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Outcome run(RemoteCommand command, Consumer<String> lines) throws IOException {
        if (gone) {
            throw new ConnectionLostException(name + " does not answer", null);
        }
        if (command.arguments().isEmpty()) { // facts: each look finds another start
            lines.accept("fact\tboot\t" + ++starts);
            lines.accept("end\tok");
            return new Outcome(0, List.of());
        }
        if (command.script().contains("stop")) {
            if (!started.contains(command.arguments().getFirst())) {
                return new Outcome(1, List.of("no such folder"));
            }
            deeds.add("stop");
            stop.countDown();
            return new Outcome(0, List.of());
        }
        String id = command.arguments().getFirst();
        int skip = 0;
        if (command.script().contains("setsid")) {
            texts.add(command.input());
            started.add(id);
            String end = ends.poll();
            programs.put(id, end == null ? played(command.input(), lines) : List.of("end\t" + end));
            if (end == null && breaks.isEmpty()) {
                return new Outcome(0, List.of());
            }
        } else {
            skip = Integer.parseInt(command.arguments().get(1));
            deeds.add("follow " + skip);
        }
        List<String> events = programs.getOrDefault(id, List.of("end\tgone"));
        int limit = breaks.isEmpty() ? Integer.MAX_VALUE : breaks.remove();
        for (int i = skip; i < events.size(); i++) {
            if (i - skip == limit) {
                throw new ConnectionLostException("the connection to " + name + " broke", null);
            }
            lines.accept(events.get(i));
        }
        return new Outcome(0, List.of());
    }

    // passes events on as they come, unless the connection is to break: then they come later
    private List<String> played(String program, Consumer<String> lines) throws IOException {
        List<String> events = new ArrayList<>();
        Consumer<String> emit =
                line -> {
                    events.add(line);
                    if (breaks.isEmpty()) {
                        lines.accept(line);
                    }
                };
        emit.accept("start\tp");
        for (String line : program.lines().toList()) {
            Matcher blob = BLOB.matcher(line);
            Matcher step = STEP.matcher(line);
            if (blob.find()) {
                if (!awaited(blob.group(1))) {
                    emit.accept("end\tstopped");
                    return events;
                }
            } else if (step.find() && !step(step.group(1), emit)) {
                return events;
            }
        }
        emit.accept("end\tok");
        return events;
    }

    private boolean step(String key, Consumer<String> emit) throws IOException {
        if (stop.getCount() == 0) {
            emit.accept("end\tstopped");
            return false;
        }
        deeds.add("started " + key);
        emit.accept("step\t" + key + "\tstarted\t0\t");
        if (endless.contains(key)) {
            waiting.countDown();
            await(stop);
        }
        if (failing.contains(key)) {
            emit.accept("step\t" + key + "\tfailed\t5\texit code 7");
            emit.accept("log\tlast words");
            emit.accept("failure\t" + key + "\t7\texit code 7\tthe command\t/log");
            emit.accept("end\tfailed");
            return false;
        }
        if (key.equals("kubeadm init")) {
            emit.accept("output\tca-hash\tsha256:abc");
        }
        deeds.add("applied " + key);
        emit.accept("step\t" + key + "\tapplied\t5\t");
        return true;
    }

    Remote remote() {
        return new Remote(this, Agent.of(Cluster.Os.LINUX));
    }

    private boolean awaited(String sha) throws IOException {
        CountDownLatch arrived = uploads.computeIfAbsent(sha, _ -> new CountDownLatch(1));
        try {
            while (!arrived.await(1, TimeUnit.MILLISECONDS)) {
                if (stop.getCount() == 0) {
                    return false;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        return true;
    }

    static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void upload(Path file, String sha256, String destination, LongConsumer progress) {
        deeds.add("upload " + destination);
        progress.accept(1);
        uploads.computeIfAbsent(sha256, _ -> new CountDownLatch(1)).countDown();
    }

    @Override
    public int roundTrips() {
        return 0;
    }

    @Override
    public void close() {}
}
