package io.k8s.sigs.swdt.cluster;

import io.k8s.sigs.swdt.agent.Agent;
import io.k8s.sigs.swdt.agent.AgentEvent;
import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.engine.Programs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Brings SSH to a virtual machine with Windows that is reached by PowerShell Direct. */
final class SshEnabler {

    private final Run run;
    private final Site site;
    private final Console console;

    SshEnabler(Run run, Site site, Console console) {
        this.run = run;
        this.site = site;
        this.console = console;
    }

    ExitCode enable(String name) {
        Cluster.Node node = node(name);
        Cluster.Direct direct = node.direct();
        if (direct == null) {
            throw new Failure(
                    ExitCode.USAGE,
                    Failure.Reason.of(
                            name,
                            "has no connection.powershellDirect in " + run.file(),
                            "add it, with vm and password; a host without Hyper-V needs OpenSSH by hand:"
                                    + " Add-WindowsCapability -Online -Name OpenSSH.Server~~~~0.0.1.0"));
        }
        try {
            String key = site.publicKey(node);
            console.say(
                    name
                            + ", virtual machine "
                            + direct.vm()
                            + ": OpenSSH's server is installed, started now and at each start, and"
                            + " reachable on port 22;"
                            + (key.isEmpty()
                                    ? " no key of yours was found, so it is by password"
                                    : " your key may log in as any administrator")
                            + ". This stays until somebody undoes it: no destroy does.");
            if (run.common().dryRun()) {
                return ExitCode.DONE;
            }
            if (!run.common().yes()
                    && console.interactive()
                    && !console.ask("Make these changes?")) {
                console.say("Nothing was changed.");
                return ExitCode.FAILED;
            }
            carryOut(node, direct, key);
        } catch (IOException e) {
            throw new Failure(ExitCode.UNREACHABLE, List.of(Site.reason(name, e)), e);
        }
        console.say(
                "Next: leave connection out for "
                        + name
                        + ", or keep it with fallback: powershellDirect");
        return ExitCode.DONE;
    }

    private void carryOut(Cluster.Node node, Cluster.Direct direct, String key) throws IOException {
        List<String> log = new ArrayList<>();
        List<Failure.Reason> failed = new ArrayList<>();
        new Programs(site.direct(node, direct), run.patience())
                .read(
                        Agent.enableSsh(key),
                        event -> {
                            switch (event) {
                                case AgentEvent.StepState s ->
                                        console.say(
                                                node.name() + ": " + s.key() + ": " + s.state());
                                case AgentEvent.Log l -> log.add(l.line());
                                case AgentEvent.StepFailed f ->
                                        failed.add(reason(node.name(), f, log));
                                default -> {}
                            }
                        });
        if (!failed.isEmpty()) {
            throw new Failure(ExitCode.CHANGE_FAILED, failed, null);
        }
    }

    private static Failure.Reason reason(
            String host, AgentEvent.StepFailed failed, List<String> log) {
        return new Failure.Reason(
                host,
                failed.key() + " failed: " + failed.message(),
                List.of(new Failure.Detail("output", String.join("\n", log))),
                "Windows gets OpenSSH from Windows Update: where that is out of reach, install it from"
                        + " its MSI, then run this again");
    }

    private Cluster.Node node(String name) {
        return run.cluster().nodes().stream()
                .filter(n -> n.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new Failure(
                                ExitCode.USAGE,
                                Failure.Reason.of(
                                        null,
                                        "there is no node " + name + " in " + run.file(),
                                        "name one of "
                                                + run.cluster().nodes().stream()
                                                        .map(Cluster.Node::name)
                                                        .collect(Collectors.joining(", ")))));
    }
}
