package io.k8s.sigs.swdt.lab;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The lab of this test run: a private one, with a network, hosts and addresses of its own, so that
 * several runs and a demo can go on at once. It ends with this JVM, even if that is killed: a
 * watcher that {@code lab private} starts sees to it. Thread-safe.
 */
final class LabRun {

    /** The script that drives the lab; tests run in the project's folder. */
    static final Path SCRIPT = Path.of("lab", "lab").toAbsolutePath();

    /** Hosts may have .2 to .253; the low ones are left to tests that want a fixed address. */
    private static final int FIRST = 11;

    private static final int LAST = 253;

    private static @Nullable LabRun instance;
    private static final Map<String, String> OBSTACLES = new HashMap<>();

    private final Path folder;
    private final String network;
    private final AtomicInteger hosts = new AtomicInteger();

    private LabRun(Path folder, String network) {
        this.folder = folder;
        this.network = network;
    }

    /**
     * Why this machine can't run lab tests; empty where it can. The first answer is kept, and said
     * on standard error if it is a no.
     *
     * @param os of the hosts: {@code linux} or {@code windows}
     */
    static synchronized Optional<String> obstacle(String os) {
        String obstacle = OBSTACLES.computeIfAbsent(os, LabRun::find);
        return obstacle.isEmpty() ? Optional.empty() : Optional.of(obstacle);
    }

    private static String find(String os) {
        Commands.Result can = Commands.run(Map.of(), "", SCRIPT.toString(), "can", os);
        String obstacle = can.exit() == 0 ? "" : reason(can);
        if (!obstacle.isEmpty()) {
            System.err.println("lab tests on " + os + " hosts are skipped: " + obstacle);
        }
        return obstacle;
    }

    private static String reason(Commands.Result can) {
        return can.stdout().isBlank() ? can.stderr().strip() : can.stdout().strip();
    }

    /**
     * The lab of this run, set up on first use; the first time ever that takes about a minute and
     * shows what it does.
     *
     * @throws IllegalStateException with the script's output if it can't be set up
     */
    static synchronized LabRun get() {
        if (instance == null) {
            Commands.show(
                    SCRIPT.toString(), "setup", obstacle("windows").isEmpty() ? "all" : "linux");
            String pid = Long.toString(ProcessHandle.current().pid());
            String line = Commands.output(Map.of(), SCRIPT.toString(), "private", pid).strip();
            Path folder = Path.of(line.substring("LAB=".length()));
            instance = new LabRun(folder, Commands.text(folder.resolve("net")).strip());
        }
        return instance;
    }

    /** Where the run's state is: {@code LAB=FOLDER lab/lab ssh HOST} reaches a host by hand. */
    Path folder() {
        return folder;
    }

    /** Private key that logs into every host. */
    Path keyFile() {
        return folder.resolve("id_ed25519");
    }

    /** The private lab's address range, three octets. */
    String network() {
        return network;
    }

    /**
     * An address that no host of this run had yet, as long as there are such: a class never meets
     * the neighbour tables and host keys of the one before.
     */
    String nextAddress() {
        return network + "." + (FIRST + hosts.getAndIncrement() % (LAST - FIRST + 1));
    }

    /**
     * Runs the script in this lab.
     *
     * @param stdin what the command reads
     */
    Commands.Result lab(String stdin, List<String> arguments) {
        if (!Files.isDirectory(folder)) {
            throw new IllegalStateException("the lab of this run is gone: " + folder);
        }
        String[] command = new String[arguments.size() + 1];
        command[0] = SCRIPT.toString();
        for (int i = 0; i < arguments.size(); i++) {
            command[i + 1] = arguments.get(i);
        }
        return Commands.run(
                Map.of("LAB", folder.toString(), "NS", "", "LAB_NET", ""), stdin, command);
    }
}
