package io.k8s.sigs.swdt.agent;

import io.k8s.sigs.swdt.connection.RemoteCommand;
import io.k8s.sigs.swdt.plan.Change;
import io.k8s.sigs.swdt.plan.WindowsChange;
import io.k8s.sigs.swdt.value.Json;
import io.k8s.sigs.swdt.value.Ordered;
import io.k8s.sigs.swdt.value.Secret;
import io.k8s.sigs.swdt.value.Sha256;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The agent of hosts with Windows: a library for PowerShell. A request is a line of JSON, followed
 * by the library's text.
 */
record WindowsAgent() implements Agent {

    /** The files of the library, in their order. */
    static final List<String> LIBRARY =
            List.of(
                    "windows/core.ps1",
                    "windows/program.ps1",
                    "windows/files.ps1",
                    "windows/system.ps1",
                    "windows/packages.ps1",
                    "windows/token.ps1",
                    "windows/node.ps1",
                    "windows/facts.ps1",
                    "windows/ssh.ps1");

    private static final String RUN =
            "$r=l|ConvertFrom-Json;$x=(New-Object IO.StreamReader $i,$u).ReadToEnd();"
                    + ".([scriptblock]::Create($x));$Run.Out=$o;Start-Agent $r $x";

    @Override
    public RemoteCommand facts() {
        return command(request("facts"));
    }

    @Override
    public RemoteCommand check(List<Change> changes) {
        Map<String, Object> request = request("check");
        request.put("steps", steps(changes, RunSecrets.NONE));
        return command(request);
    }

    @Override
    public RemoteCommand apply(
            String id, Session session, boolean last, List<Change> changes, RunSecrets secrets) {
        Map<String, Object> request = start(id, session);
        request.put("last", last);
        request.put("steps", steps(changes, secrets));
        return command(request);
    }

    @Override
    public RemoteCommand revert(String id, Session session, boolean force) {
        Map<String, Object> request = start(id, session);
        request.put("revert", true);
        request.put("force", force);
        request.put("steps", List.of());
        return command(request);
    }

    @Override
    public RemoteCommand follow(String id, int events) {
        Map<String, Object> request = request("follow");
        request.put("id", id);
        request.put("skip", events);
        return command(request);
    }

    @Override
    public RemoteCommand stop(String id) {
        Map<String, Object> request = request("stop");
        request.put("id", id);
        return command(request);
    }

    /**
     * Brings OpenSSH's server to the host, starts it, lets connections in.
     *
     * @param key a line of authorized_keys, or empty: none is added
     */
    RemoteCommand enableSsh(String key) {
        Map<String, Object> request = request("ssh");
        request.put("key", key);
        return command(request);
    }

    @Override
    public String uploadPath(Sha256 sha256) {
        return "C:\\ProgramData\\swdt\\files\\" + sha256.hex();
    }

    /** The scripts of which programs are made, as hosts get them. */
    static String library() {
        return Library.TEXT;
    }

    private static RemoteCommand command(Map<String, Object> request) {
        return RemoteCommand.powerShell(RUN, Json.write(request) + "\n" + Library.TEXT);
    }

    private static Map<String, Object> request(String mode) {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("mode", mode);
        return request;
    }

    private static Map<String, Object> start(String id, Session session) {
        Map<String, Object> request = request("start");
        request.put("id", id);
        Map<String, Object> who = new LinkedHashMap<>();
        who.put("cluster", session.cluster());
        who.put("uid", session.uid());
        who.put("version", session.version());
        who.put("run", session.run());
        who.put("over", session.over());
        who.put("holder", session.holder());
        who.put("seconds", session.leaseSeconds());
        request.put("session", who);
        return request;
    }

    private static List<Map<String, Object>> steps(List<Change> changes, RunSecrets secrets) {
        return changes.stream().map(c -> step(c, secrets)).toList();
    }

    private static Map<String, Object> step(Change change, RunSecrets secrets) {
        Map<String, Object> step = new LinkedHashMap<>();
        Kind kind = kind(change);
        step.put("kind", kind.name());
        step.put("key", change.key());
        step.put("digest", StepDigest.of(kind.name(), Json.write(kind.arguments())));
        step.put("arguments", kind.arguments());
        change.upload()
                .ifPresent(a -> {
                    step.put("blob", a.sha256().hex());
                    step.put("blobName", a.toString());
                });
        if (change instanceof Change.KubeadmJoin join && secrets.token() != null) {
            step.put("secret", secrets.join(join.document(), join.endpoint()));
        }
        Secret token = change.tokenOf().map(secrets.accounts()::get).orElse(null);
        if (token != null) {
            step.put("secret", token.reveal());
        }
        return step;
    }

    /** A kind of the scripts, with what it is given. */
    private record Kind(String name, Map<String, Object> arguments) {}

    private static Kind kind(Change change) {
        return switch (change) {
            case Change.TextFile(var path, _, var text) ->
                    new Kind("file", Ordered.map("path", path, "text", text));
            case Change.FileBlock(var path, var name, var text) ->
                    new Kind("block", Ordered.map("path", path, "name", name, "text", text));
            case Change.Program(var path, _, var artifact) ->
                    new Kind(
                            "program",
                            Ordered.map("path", path, "sha256", artifact.sha256().hex()));
            case Change.Archive(var folder, var from, var artifact) ->
                    new Kind(
                            "archive",
                            Ordered.map(
                                    "folder",
                                    folder,
                                    "from",
                                    from,
                                    "sha256",
                                    artifact.sha256().hex()));
            case Change.KubeadmJoin(var document, var endpoint) ->
                    new Kind("join", Ordered.map("document", document, "endpoint", endpoint));
            case WindowsChange.Folder(var path) -> new Kind("folder", Ordered.map("path", path));
            case WindowsChange.Registry r -> {
                Map<String, Object> arguments =
                        Ordered.map("path", r.path(), "name", r.name(), "kind", r.kind());
                arguments.put("value", r.value());
                arguments.put("restarts", r.restarts());
                yield new Kind("registry", arguments);
            }
            case WindowsChange.PathEntry(var folder) ->
                    new Kind("path", Ordered.map("folder", folder));
            case WindowsChange.Service s -> new Kind("service", service(s));
            case WindowsChange.FirewallRule r -> {
                Map<String, Object> arguments =
                        Ordered.map("name", r.name(), "title", r.title(), "protocol", r.protocol());
                arguments.put("port", r.port());
                yield new Kind("firewall", arguments);
            }
            case WindowsChange.FirewallOff() -> new Kind("profiles", new LinkedHashMap<>());
            case WindowsChange.DefenderExclusion(var process) ->
                    new Kind("defender", Ordered.map("process", process));
            case WindowsChange.PortRange(var protocol, var first, var count) ->
                    new Kind(
                            "ports",
                            Ordered.map(
                                    "protocol",
                                    protocol,
                                    "first",
                                    Integer.toString(first),
                                    "count",
                                    Integer.toString(count)));
            case WindowsChange.Feature(var name, var remove) ->
                    new Kind("feature", Ordered.map("name", name, "remove", remove));
            case WindowsChange.ComputerName(var name) ->
                    new Kind("hostname", Ordered.map("name", name, "restarts", true));
            case WindowsChange.Chocolatey(var artifact) ->
                    new Kind("chocolatey", Ordered.map("sha256", artifact.sha256().hex()));
            case WindowsChange.ChocolateyPackage(var name) ->
                    new Kind("package", Ordered.map("name", name));
            case WindowsChange.AccountKubeconfig(var path, var server, var account) ->
                    new Kind(
                            "kubeconfig",
                            Ordered.map("path", path, "server", server, "account", account));
            case WindowsChange.StartTask t -> {
                Map<String, Object> arguments =
                        Ordered.map(
                                "name",
                                t.name(),
                                "arguments",
                                t.arguments(),
                                "programs",
                                t.programs());
                arguments.put("owns", t.owns());
                arguments.put("basis", Sha256.of(t.basis()).hex());
                yield new Kind("task", arguments);
            }
            case WindowsChange.PodNetwork(var name) ->
                    new Kind("network", Ordered.map("name", name));
            case WindowsChange.Restart() -> new Kind("restart", new LinkedHashMap<>());
            case Change.KernelModule _,
                    Change.Sysctl _,
                    Change.SwapOff _,
                    Change.Packages _,
                    Change.Service _,
                    Change.Containerd _,
                    Change.ContainerImage _,
                    Change.PodTraces _,
                    Change.KubeadmInit _,
                    Change.Token _,
                    Change.TokenGone _,
                    Change.Manifest _ ->
                    throw new IllegalArgumentException(change.key() + " on Windows");
        };
    }

    private static Map<String, Object> service(WindowsChange.Service service) {
        Map<String, Object> arguments = new LinkedHashMap<>();
        arguments.put("name", service.name());
        arguments.put("commandLine", service.commandLine());
        arguments.put("depends", service.depends());
        arguments.put("start", service.start());
        arguments.put("ready", service.ready());
        arguments.put("log", service.log());
        arguments.put("programs", service.programs());
        arguments.put("owns", service.owns());
        arguments.put("basis", Sha256.of(service.basis()).hex());
        return arguments;
    }

    // read once, and only by commands that reach a host
    private static final class Library {

        static final String TEXT = Scripts.read(LIBRARY);
    }
}
