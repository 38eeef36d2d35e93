package io.k8s.sigs.swdt.lab;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The hosts of one test class, made when they are first asked for. {@link LabExtension} makes and
 * closes it. Not thread-safe; its {@link LabHost}s are.
 */
public final class Lab implements AutoCloseable {

    private final LabRun run;
    private final Map<String, LabHost> hosts = new LinkedHashMap<>();

    Lab(LabRun run) {
        this.run = run;
    }

    /**
     * A Linux host that answers to SSH: the one of this name, or a new one, which takes about 1.5
     * s.
     *
     * @param name hostname, a-z, 0-9 and -, at most 11 characters
     */
    public LabHost linux(String name) {
        return linux(name, new String[0]).getFirst();
    }

    /** Several Linux hosts, started at the same time. */
    public List<LabHost> linux(String first, String... others) {
        return hosts("linux", first, others);
    }

    /** A Windows-like host that answers to SSH, which takes about 3 s; otherwise as above. */
    public LabHost windows(String name) {
        return hosts("windows", name, new String[0]).getFirst();
    }

    private List<LabHost> hosts(String os, String first, String[] others) {
        List<LabHost> wanted = new ArrayList<>();
        List<CompletableFuture<Void>> starts = new ArrayList<>();
        for (String name : names(first, others)) {
            LabHost known = hosts.get(name);
            LabHost host = known == null ? new LabHost(run, os, name, run.nextAddress()) : known;
            wanted.add(host);
            if (known == null) {
                // before it is up: a host that is half there must be destroyed, too
                hosts.put(name, host);
                starts.add(
                        CompletableFuture.runAsync(() -> {
                            host.up();
                            if (os.equals("windows")) {
                                ScriptCoverage.watch(host);
                            }
                        }));
            }
        }
        join(starts);
        return List.copyOf(wanted);
    }

    /**
     * Private key that logs into every host, as {@code root}, {@code deploy} and {@code sudopw}.
     */
    public Path keyFile() {
        return run.keyFile();
    }

    /** Where the run's state is: {@code LAB=FOLDER lab/lab ssh HOST} reaches a host by hand. */
    public Path folder() {
        return run.folder();
    }

    /** First three octets of all addresses, e.g. {@code 10.78.5}. */
    public String network() {
        return run.network();
    }

    /**
     * Serves the hosts a Debian repository with what kubeadm wants beyond their few packages:
     * {@code apt-get install conntrack} works from then on.
     */
    public void servePackages() {
        expectSuccess(run.lab("", List.of("repo")), "repo");
    }

    /** Destroys the hosts; what can't be destroyed is reported after all others are gone. */
    @Override
    public void close() {
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        for (LabHost host : hosts.values()) {
            ends.add(
                    CompletableFuture.runAsync(() -> {
                        if (host.isWindows()) {
                            ScriptCoverage.collect(host);
                        }
                        host.destroy();
                    }));
        }
        hosts.clear();
        join(ends);
    }

    LabRun run() {
        return run;
    }

    private static List<String> names(String first, String[] others) {
        List<String> names = new ArrayList<>();
        names.add(first);
        names.addAll(List.of(others));
        return names;
    }

    private static void expectSuccess(Commands.Result result, String command) {
        if (result.exit() != 0) {
            throw Commands.failed(
                    List.of("lab", command), result.exit(), result.stdout() + result.stderr());
        }
    }

    /** Waits for all; throws the first failure with the others as suppressed. */
    private static void join(List<CompletableFuture<Void>> parts) {
        IllegalStateException failure = null;
        for (CompletableFuture<Void> part : parts) {
            try {
                part.join();
            } catch (CompletionException e) {
                Throwable cause = e.getCause() == null ? e : e.getCause();
                if (failure == null) {
                    failure = new IllegalStateException(cause.getMessage(), cause);
                } else {
                    failure.addSuppressed(cause);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
