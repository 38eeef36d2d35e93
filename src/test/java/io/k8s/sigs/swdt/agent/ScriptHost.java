package io.k8s.sigs.swdt.agent;

import io.k8s.sigs.swdt.plan.Change;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A folder that stands for a host: real programs of the agent run on it in a real shell, with their
 * state in the folder and without a look at the rest of this machine.
 */
final class ScriptHost {

    static final Session SESSION =
            new Session("c1", "uid-1", "0.1.0", "run1", List.of(), "anna@here", 60);

    private final Path root;
    private final List<String> shell;
    private int runs;

    /**
     * @param root an empty folder
     * @param shell a shell of {@link #shells}
     */
    ScriptHost(Path root, String shell) {
        this.root = root;
        this.shell = List.of(shell.split(" "));
    }

    /** The shells that are on this machine, of those that the agent must get along with. */
    static List<String> shells() {
        List<String> found = new ArrayList<>();
        if (!isRoot() && !succeeds("unshare --map-root-user true")) {
            System.err.println("agent tests are skipped: they need root, or user namespaces");
            return found;
        }
        for (String shell : List.of("dash", "bash", "busybox sh")) {
            if (succeeds("command -v " + shell.replace(" sh", ""))) {
                found.add(shell);
            } else {
                System.err.println(
                        "agent tests are skipped for " + shell + ": it is not installed");
            }
        }
        return found;
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    private static boolean succeeds(String command) {
        try {
            return new ProcessBuilder("sh", "-c", command).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** A path on the host. */
    Path path(String name) {
        return root.resolve(name);
    }

    Path state() {
        return root.resolve("state");
    }

    /** Makes changes; returns the events. */
    List<AgentEvent> apply(Change... changes) {
        return run(LinuxPrograms.apply(SESSION, true, List.of(changes), RunSecrets.NONE), "");
    }

    /** The same, but the power goes as soon as a shell function is called for the first time. */
    List<AgentEvent> applyUntil(String function, Change... changes) {
        String cut = function + "() { kill -9 $$; exit 1; }\n";
        return run(LinuxPrograms.apply(SESSION, true, List.of(changes), RunSecrets.NONE), cut);
    }

    /** The same as another cluster or run. */
    List<AgentEvent> applyAs(Session session, Change... changes) {
        return run(LinuxPrograms.apply(session, false, List.of(changes), RunSecrets.NONE), "");
    }

    /** Reverts all. */
    List<AgentEvent> revert(boolean force) {
        return run(LinuxPrograms.revert(SESSION, force), "");
    }

    /** What would be done. */
    List<AgentEvent> check(Change... changes) {
        return printed(LinuxPrograms.check(List.of(changes)), "", List.of());
    }

    /** What a controller learns that wants to follow a program. */
    List<AgentEvent> follow(String id) {
        return printed(LinuxPrograms.follow(), "", List.of("follow", id, "0"));
    }

    /**
     * The checks of a cluster.
     *
     * @param admin body of the shell function that stands for kubectl
     */
    List<AgentEvent> test(String image, String admin) {
        return printed(LinuxPrograms.test(image), "admin() {\n" + admin + "}\n", List.of());
    }

    private List<AgentEvent> printed(String program, String more, List<String> arguments) {
        try {
            Path output = Files.createTempFile(root.getParent(), "printed", "");
            process(program, more, arguments, output);
            return Files.readAllLines(output).stream().map(AgentEvent::parse).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<AgentEvent> run(String program, String more) {
        String id = "p" + ++runs;
        try {
            Path folder = Files.createDirectories(state().resolve("run").resolve(id));
            Path file = Files.createFile(folder.resolve("events"));
            // opened before: a program that has undone everything takes the file away
            try (BufferedReader events = Files.newBufferedReader(file)) {
                process(program, more, List.of("run", id), folder.resolve("log"));
                return events.lines().map(AgentEvent::parse).toList();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void process(String program, String more, List<String> arguments, Path output) {
        // of this machine only the names below the folder count
        String own =
                "\nfootprint() { (cd %s && find . ! -path './state*' | sort); }\n".formatted(root)
                        + "systemctl() { return 0; }\n"
                        + more
                        + "main ";
        String text =
                program.replace(LinuxPrograms.STATE, state().toString()).replace("\nmain ", own);
        try {
            Path script = Files.writeString(root.resolveSibling("program-" + runs), text);
            List<String> command = new ArrayList<>();
            if (!isRoot()) {
                command.addAll(List.of("unshare", "--map-root-user"));
            }
            command.addAll(shell);
            command.add(script.toString());
            command.addAll(arguments);
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
            Process process = builder.start();
            process.getOutputStream().close();
            if (!process.waitFor(1, TimeUnit.MINUTES)) {
                throw new IllegalStateException("does not end: " + command);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
