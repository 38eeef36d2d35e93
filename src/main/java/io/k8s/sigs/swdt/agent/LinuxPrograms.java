package io.k8s.sigs.swdt.agent;

import io.k8s.sigs.swdt.plan.Change;
import io.k8s.sigs.swdt.plan.WindowsChange;
import io.k8s.sigs.swdt.value.Json;
import io.k8s.sigs.swdt.value.Sha256;
import java.util.ArrayList;
import java.util.List;

/**
 * Renders programs for the agent on Linux: its library, and a function with one line a step. Values
 * travel as quoted words, never inside the library's text.
 */
public final class LinuxPrograms {

    /** Where the agent keeps its journal on a host. */
    public static final String STATE = "/var/lib/swdt";

    private LinuxPrograms() {}

    /** The program that reads facts. */
    public static String facts() {
        return library() + "program() { :; }\nmain facts\n";
    }

    /** The program that says what steps would do, and changes nothing. */
    public static String check(List<Change> changes) {
        return library() + function(steps(changes, RunSecrets.NONE)) + "main check\n";
    }

    /**
     * The program that makes changes.
     *
     * @param last whether it is the run's last on this host: the lease ends with it
     */
    public static String apply(
            Session session, boolean last, List<Change> changes, RunSecrets secrets) {
        List<String> lines = new ArrayList<>(session.opening());
        lines.addAll(steps(changes, secrets));
        if (last) {
            lines.add("release_lease");
        }
        return library() + function(lines) + "main \"$@\"\n";
    }

    /**
     * The program that reverts all that the journal names.
     *
     * @param force also what was altered since
     */
    public static String revert(Session session, boolean force) {
        List<String> lines = new ArrayList<>(session.opening());
        lines.add(words("revert_all", force ? "force" : ""));
        return library() + function(lines) + "main \"$@\"\n";
    }

    /**
     * The program that tests a cluster from its control plane.
     *
     * @param image agnhost's reference
     */
    public static String test(String image) {
        return library() + function(List.of(words("cluster_test", image))) + "main test\n";
    }

    /** The program that follows a running one; arguments as for {@link Bootstrap#FOLLOW}. */
    public static String follow() {
        return library() + "program() { :; }\nmain \"$@\"\n";
    }

    private static String function(List<String> lines) {
        return "program() {\n:\n" + String.join("\n", lines) + "\n}\n";
    }

    private static List<String> steps(List<Change> changes, RunSecrets secrets) {
        List<String> lines = new ArrayList<>();
        for (Change change : changes) {
            change.upload()
                    .ifPresent(a -> lines.add(words("with_blob", a.sha256().hex(), a.toString())));
            lines.addAll(step(change, secrets));
        }
        return lines;
    }

    private static List<String> step(Change change, RunSecrets secrets) {
        return switch (change) {
            case Change.TextFile(var path, var mode, var text) ->
                    one(change, "file", path, mode, Sha256.of(text).hex(), text);
            case Change.FileBlock(var path, var name, var text) ->
                    one(change, "block", path, name, text);
            case Change.Program(var path, var mode, var artifact) ->
                    one(change, "program", path, mode, artifact.sha256().hex());
            case Change.Archive(var folder, var from, var artifact) ->
                    one(change, "archive", folder, from, artifact.sha256().hex());
            case Change.KernelModule(var name) -> one(change, "module", name);
            case Change.Sysctl(var name, var value) -> one(change, "sysctl", name, value);
            case Change.SwapOff() -> one(change, "swap");
            case Change.Packages(var names) -> one(change, "package", names.toArray(new String[0]));
            case Change.Service(var name, var start, var basis) ->
                    List.of(
                            line(
                                    change,
                                    "service",
                                    StepDigest.of("service", name, basis),
                                    name,
                                    start ? "yes" : "no"));
            case Change.Containerd(var basis) ->
                    List.of(line(change, "containerd", StepDigest.of("containerd", basis)));
            case Change.ContainerImage(var reference, var archive) ->
                    one(change, "image", reference, archive.sha256().hex());
            case Change.PodTraces() -> one(change, "pods");
            case Change.KubeadmInit(var documents) -> {
                List<String> lines = new ArrayList<>();
                if (secrets.token() != null) {
                    lines.add(words("secret", "init", secrets.init(documents)));
                }
                lines.add(line(change, "init", StepDigest.of("init", Json.write(documents))));
                yield lines;
            }
            case Change.KubeadmJoin(var document, var endpoint) -> {
                List<String> lines = new ArrayList<>();
                if (secrets.token() != null) {
                    lines.add(words("secret", "join", secrets.join(document, endpoint)));
                }
                lines.add(
                        line(
                                change,
                                "join",
                                StepDigest.of("join", endpoint, Json.write(document))));
                yield lines;
            }
            case Change.Token() -> {
                List<String> lines = new ArrayList<>();
                if (secrets.token() != null) {
                    lines.add(words("secret", "token", secrets.tokenDocument()));
                }
                lines.add(line(change, "token", StepDigest.of("token"), secrets.tokenId()));
                yield lines;
            }
            case Change.TokenGone() ->
                    List.of(line(change, "untoken", StepDigest.of("untoken"), secrets.tokenId()));
            case Change.Manifest(var name, var yaml) -> one(change, "manifest", name, yaml);
            case WindowsChange w -> throw new IllegalArgumentException(w.key() + " on Linux");
        };
    }

    private static List<String> one(Change change, String kind, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addFirst(kind);
        return List.of(line(change, kind, StepDigest.of(all.toArray(new String[0])), arguments));
    }

    private static String line(Change change, String kind, String digest, String... arguments) {
        List<String> words = new ArrayList<>(List.of("step", kind, change.key(), digest));
        words.addAll(List.of(arguments));
        return words(words.toArray(new String[0]));
    }

    /** A line of quoted words. */
    static String words(String... words) {
        StringBuilder line = new StringBuilder(words[0]);
        for (int i = 1; i < words.length; i++) {
            line.append(' ').append(quote(words[i]));
        }
        return line.toString();
    }

    /** A word for a POSIX shell that stands for exactly this text. */
    static String quote(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a shell word cannot hold a NUL character");
        }
        return "'" + text.replace("'", "'\\''") + "'";
    }

    private static String library() {
        return Library.TEXT;
    }

    // read once, and only by commands that reach a host
    private static final class Library {

        static final String TEXT =
                Scripts.read(
                        List.of(
                                "linux/core.sh",
                                "linux/system.sh",
                                "linux/node.sh",
                                "linux/facts.sh",
                                "linux/test.sh"));
    }
}
