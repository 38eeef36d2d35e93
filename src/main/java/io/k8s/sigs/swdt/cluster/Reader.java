package io.k8s.sigs.swdt.cluster;

import io.k8s.sigs.swdt.agent.AgentEvent;
import io.k8s.sigs.swdt.agent.Bootstrap;
import io.k8s.sigs.swdt.agent.LinuxPrograms;
import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.connection.Connection;
import io.k8s.sigs.swdt.connection.Outcome;
import io.k8s.sigs.swdt.connection.RemoteCommand;
import io.k8s.sigs.swdt.engine.Programs;
import io.k8s.sigs.swdt.engine.Remote;
import io.k8s.sigs.swdt.host.Facts;
import io.k8s.sigs.swdt.recipe.KubeObjects;
import io.k8s.sigs.swdt.recipe.Kubectl;
import io.k8s.sigs.swdt.value.Secret;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What can be read of a cluster, through its control plane. */
final class Reader {

    private final Run run;
    private final Site site;
    private final Console console;

    Reader(Run run, Site site, Console console) {
        this.run = run;
        this.site = site;
        this.console = console;
    }

    /** Waits for all nodes to be Ready and for CoreDNS. */
    void awaitReady() {
        List<String> names = run.cluster().nodes().stream().map(Cluster.Node::name).toList();
        ask(
                Kubectl.awaitReady(
                        names, Math.min(300, Math.max(1, run.patience().left().toSeconds()))),
                "waiting for the nodes to be ready");
    }

    Secret kubeconfig() {
        return new Secret(ask(Kubectl.kubeconfig(), "reading the kubeconfig") + "\n");
    }

    ExitCode printNodes(String output) {
        String json = ask(Kubectl.nodes(), "reading the nodes");
        print(
                output,
                json,
                List.of("NODE", "STATUS", "ROLE", "VERSION", "ADDRESS", "OS", "RUNTIME"),
                KubeObjects.nodes(json));
        return ExitCode.DONE;
    }

    ExitCode printPods(String output) {
        String json = ask(Kubectl.pods(), "reading the pods");
        print(
                output,
                json,
                List.of("NAMESPACE", "POD", "READY", "STATUS", "RESTARTS", "ADDRESS", "NODE"),
                KubeObjects.pods(json));
        return ExitCode.DONE;
    }

    private void print(String output, String json, List<String> columns, List<List<String>> rows) {
        switch (output) {
            case "json" -> console.result(json);
            case "yaml" -> console.result(KubeObjects.yaml(json).stripTrailing());
            default -> console.table(columns, rows);
        }
    }

    /** Each node of the file: its host's owner, journal and whether Kubernetes calls it Ready. */
    ExitCode status() {
        Map<String, String> away = site.lookAtThoseInReach(run.cluster().nodes());
        Cluster.Node controlPlane = run.cluster().controlPlane();
        Map<String, String> ready = new HashMap<>();
        if (!away.containsKey(controlPlane.name())
                && site.facts(controlPlane).journal().contains("kubeadm init")) {
            KubeObjects.nodes(ask(Kubectl.nodes(), "reading the nodes"))
                    .forEach(r -> ready.put(r.get(0), r.get(1)));
        }
        List<List<String>> rows = new ArrayList<>();
        boolean well = true;
        for (Cluster.Node node : run.cluster().nodes()) {
            boolean unreachable = away.containsKey(node.name());
            String status =
                    unreachable
                            ? "unreachable"
                            : ready.getOrDefault(node.name(), "not in the cluster");
            well &= status.equals("Ready");
            List<String> row = new ArrayList<>();
            row.add(node.name());
            row.add(node.role() == Cluster.Role.WORKER ? "worker" : "control-plane");
            row.add(node.address());
            row.addAll(unreachable ? List.of("", "", "") : host(site.facts(node)));
            row.add(status);
            rows.add(row);
        }
        console.table(List.of("NODE", "ROLE", "ADDRESS", "OS", "OWNER", "CHANGES", "STATUS"), rows);
        away.forEach((host, why) -> console.say(host + ": " + why));
        return well ? ExitCode.DONE : ExitCode.FAILED;
    }

    private static List<String> host(Facts facts) {
        return List.of(
                facts.osName(),
                facts.owner().map(Facts.Owner::cluster).orElse(""),
                Integer.toString(facts.journal().size()));
    }

    /** Named checks of the running cluster. */
    ExitCode test() {
        Remote remote = remote();
        List<List<String>> rows = new ArrayList<>();
        console.say("testing the cluster");
        try {
            new Programs(remote, run.patience())
                    .read(
                            Bootstrap.read(LinuxPrograms.test(KubeObjects.TEST_IMAGE)),
                            e -> {
                                if (e
                                        instanceof
                                        AgentEvent.Verdict(var check, var result, var detail)) {
                                    if (result.equals("running")) {
                                        console.say(check + ": " + detail);
                                    } else {
                                        rows.add(List.of(check, result, detail.strip()));
                                    }
                                }
                            });
        } catch (IOException e) {
            throw new Failure(
                    ExitCode.UNREACHABLE, List.of(Site.reason(remote.connection().name(), e)), e);
        }
        console.table(List.of("CHECK", "RESULT", "DETAIL"), rows);
        return rows.stream().noneMatch(r -> r.get(1).equals("failed")) && !rows.isEmpty()
                ? ExitCode.DONE
                : ExitCode.TESTS_FAILED;
    }

    private Remote remote() {
        Cluster.Node node = run.cluster().controlPlane();
        if (!site.remotes().containsKey(node.name())) {
            site.connect(List.of(node));
        }
        return site.remote(node);
    }

    private String ask(RemoteCommand command, String what) {
        Connection connection = remote().connection();
        StringBuilder out = new StringBuilder();
        Outcome outcome;
        try {
            outcome = connection.run(command, line -> out.append(line).append('\n'));
        } catch (IOException e) {
            throw new Failure(ExitCode.UNREACHABLE, List.of(Site.reason(connection.name(), e)), e);
        }
        if (outcome.exitCode() != 0) {
            throw new Failure(
                    ExitCode.FAILED,
                    new Failure.Reason(
                            connection.name(),
                            what + " failed",
                            List.of(
                                    new Failure.Detail(
                                            "exit", Integer.toString(outcome.exitCode())),
                                    new Failure.Detail(
                                            "output", String.join("\n", outcome.errorLines()))),
                            "look at the cluster: swdt cluster status"));
        }
        return out.toString().stripTrailing();
    }
}
