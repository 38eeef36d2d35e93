package io.k8s.sigs.swdt.cluster;

import io.k8s.sigs.swdt.agent.Session;
import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.engine.Cancellation;
import io.k8s.sigs.swdt.engine.RunEvent;
import io.k8s.sigs.swdt.host.StateFolder;
import io.k8s.sigs.swdt.plan.Change;
import io.k8s.sigs.swdt.plan.Step;
import io.k8s.sigs.swdt.value.Count;
import io.k8s.sigs.swdt.value.Ordered;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The use cases on real hosts. */
public final class Service implements UseCases {

    private final Environment environment;
    private final Console console;
    private final Cancellation cancellation;

    public Service(Environment environment, Console console, Cancellation cancellation) {
        this.environment = environment;
        this.console = console;
        this.cancellation = cancellation;
    }

    @Override
    public ExitCode create(Requests.Create request) {
        Run run = run(request.common(), "create");
        keepLog(run, "create");
        sayLeftOut(run);
        return locked(run, () -> inTime(run, () -> create(run, request)));
    }

    private ExitCode create(Run run, Requests.Create request) {
        Cluster cluster = run.cluster();
        try (Console.Progress progress = console.progress("creating " + cluster.name());
                Site site = run.site(progress)) {
            Creator creator = new Creator(run, site, progress);
            Creator.Planned planned = creator.plan();
            if (request.common().dryRun()) {
                printPlan(cluster, planned);
                return ExitCode.DONE;
            }
            if (!planned.plan().hosts().isEmpty()) {
                printPlan(cluster, planned);
                if (!request.common().yes()
                        && console.interactive()
                        && !console.ask("Make these changes?")) {
                    console.say("Nothing was changed.");
                    return ExitCode.FAILED;
                }
                remember(run);
                Ends.check(cluster, creator.carryOut(planned), cancellation.expired());
            }
            Reader reader = new Reader(run, site, console);
            if (!planned.plan().hosts().isEmpty()) {
                progress.accept(
                        new RunEvent.Note(null, "waiting for the nodes to be Ready, and for DNS"));
            }
            ExitCode tests = proven(run, reader, request, !planned.plan().hosts().isEmpty());
            roundTrips(request.common(), site);
            reader.printNodes("table");
            console.say(
                    planned.plan().hosts().isEmpty()
                            ? "Nothing to do: " + cluster.name() + " is as its file says."
                            : cluster.name()
                                    + " is ready. Next: swdt get pods --cluster "
                                    + cluster.name());
            return tests;
        }
    }

    /** Waits for the nodes, and tests the cluster where something was changed. */
    private ExitCode proven(Run run, Reader reader, Requests.Create request, boolean changed) {
        Thread self = Thread.currentThread();
        cancellation.onRequest(self::interrupt);
        try {
            reader.awaitReady();
            if (changed) {
                saveKubeconfig(run, reader);
            }
            return changed && request.test() ? reader.test() : ExitCode.DONE;
        } catch (Failure e) {
            throw cancellation.requested()
                    ? Ends.incomplete(run.cluster(), cancellation.expired())
                    : e;
        }
    }

    private void keepLog(Run run, String command) {
        try {
            console.keepLog(run.folder().resolve("log"), command);
        } catch (IOException e) {
            throw stateFailure(run, e);
        }
    }

    private void sayLeftOut(Run run) {
        List<String> names = run.cluster().nodes().stream().map(Cluster.Node::name).toList();
        try {
            for (String node : environment.state().nodes(run.cluster().name())) {
                if (!names.contains(node)) {
                    console.say(
                            node
                                    + ": was a node of "
                                    + run.cluster().name()
                                    + " and is not in its file any more: its host stays as it is;"
                                    + " to give it back, put it into the file again and destroy");
                }
            }
        } catch (IOException e) {
            throw stateFailure(run, e);
        }
    }

    private void roundTrips(Requests.Common common, Site site) {
        if (common.verbose()) {
            site.remotes()
                    .forEach((host, remote) ->
                            console.say(
                                    host
                                            + ": "
                                            + remote.connection().roundTrips()
                                            + " remote commands"));
        }
    }

    private void printPlan(Cluster cluster, Creator.Planned planned) {
        if (planned.plan().hosts().isEmpty()) {
            console.say("Nothing to do: " + cluster.name() + " is as its file says.");
            return;
        }
        int add = 0;
        int alter = 0;
        for (Map.Entry<String, List<Step>> entry : planned.plan().hosts().entrySet()) {
            console.say(entry.getKey() + ":");
            for (Step step : entry.getValue()) {
                Change change = step.change();
                boolean alters =
                        "alter".equals(planned.verdicts().get(entry.getKey() + " " + change.key()));
                add += alters ? 0 : 1;
                alter += alters ? 1 : 0;
                console.say(
                        "  "
                                + (alters ? "~" : "+")
                                + (change.interrupts() && alters ? "!" : " ")
                                + " "
                                + change.key());
            }
        }
        console.say(
                add
                        + " to add, "
                        + alter
                        + " to alter on "
                        + Count.of(planned.plan().hosts().size(), "host"));
    }

    @Override
    public ExitCode destroy(Requests.Destroy request) {
        Run run = run(request.common(), "destroy");
        keepLog(run, "destroy");
        sayLeftOut(run);
        return locked(run, () -> inTime(run, () -> destroy(run, request)));
    }

    private ExitCode destroy(Run run, Requests.Destroy request) {
        Cluster cluster = run.cluster();
        try (Console.Progress progress = console.progress("destroying " + cluster.name());
                Site site = run.site(progress)) {
            Destroyer destroyer = new Destroyer(run, site, progress);
            List<Cluster.Node> owned = destroyer.owned();
            if (owned.isEmpty()) {
                console.say("Nothing to do: swdt has changed nothing on these hosts.");
                if (!request.common().dryRun()) {
                    forget(run);
                }
                return ExitCode.DONE;
            }
            Session session = destroyer.session();
            for (Cluster.Node node : owned) {
                console.say(node.name() + ":");
                destroyer.facts(node).journal().reversed().forEach(k -> console.say("  -  " + k));
            }
            if (request.common().dryRun()) {
                return ExitCode.DONE;
            }
            if (!request.common().yes()
                    && console.interactive()
                    && !console.ask(
                            "Undo all this? The cluster and all that it keeps will be gone.")) {
                console.say("Nothing was changed.");
                return ExitCode.FAILED;
            }
            Map<String, Destroyer.Remains> remains =
                    destroyer.giveBack(owned, session, request.force());
            roundTrips(request.common(), site);
            if (remains.values().stream().anyMatch(Destroyer.Remains::stopped)) {
                throw Ends.stopped(
                        "stopped before all hosts of " + cluster.name() + " were given back",
                        "run the same command again to go on",
                        cancellation.expired());
            }
            boolean clean = true;
            for (Map.Entry<String, Destroyer.Remains> entry : remains.entrySet()) {
                Destroyer.Remains r = entry.getValue();
                clean &= r.none();
                report(entry.getKey(), r);
            }
            if (clean) {
                forget(run);
            }
            return clean ? ExitCode.DONE : ExitCode.LEFTOVERS;
        }
    }

    private void report(String host, Destroyer.Remains remains) {
        List<String> lines = new ArrayList<>();
        lines.add(
                host
                        + ": "
                        + (remains.none()
                                ? "as it was before the first change"
                                : "not as it was before"));
        for (Destroyer.Left left : remains.left()) {
            lines.add("  left alone: " + left.change() + ": " + left.reason());
            left.output().forEach(l -> lines.add("      " + l));
        }
        remains.differences().forEach(d -> lines.add("  " + d));
        console.result(
                String.join("\n", lines),
                Ordered.map(
                        "host",
                        host,
                        "leftAlone",
                        remains.left().stream()
                                .map(l ->
                                        Ordered.map(
                                                "change", l.change(),
                                                "reason", l.reason(),
                                                "output", l.output()))
                                .toList(),
                        "differences",
                        remains.differences()));
    }

    @Override
    public ExitCode status(Requests.Status request) {
        return reading(request.common(), "status", Reader::status);
    }

    @Override
    public ExitCode test(Requests.Test request) {
        return reading(request.common(), "test", Reader::test);
    }

    @Override
    public ExitCode get(Requests.Get request) {
        return reading(
                request.common(),
                "get",
                reader ->
                        switch (request.kind()) {
                            case KUBECONFIG -> {
                                console.reveal(reader.kubeconfig());
                                yield ExitCode.DONE;
                            }
                            case NODES -> reader.printNodes(request.output());
                            case PODS -> reader.printPods(request.output());
                        });
    }

    @Override
    public ExitCode enableSsh(Requests.EnableSsh request) {
        Run run = run(request.common(), "enable-ssh");
        try (Site site = run.site(_ -> {})) {
            return new SshEnabler(run, site, console).enable(request.node());
        }
    }

    private interface Reading {
        ExitCode with(Reader reader);
    }

    private ExitCode reading(Requests.Common common, String command, Reading reading) {
        Run run = run(common, command);
        try (Site site = run.site(_ -> {})) {
            return reading.with(new Reader(run, site, console));
        }
    }

    private Run run(Requests.Common common, String command) {
        Loader.Loaded loaded = Loader.load(environment, common.selection());
        return Run.of(
                environment,
                console,
                loaded.cluster(),
                loaded.file(),
                common,
                command,
                cancellation);
    }

    /** When the run's time is over it is stopped as by a user, after its running changes. */
    private ExitCode inTime(Run run, Supplier<ExitCode> work) {
        Thread guard =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                Thread.sleep(run.patience().left());
                                console.say(
                                        "the time of this run (--timeout) is over: stopping after the running changes");
                                cancellation.expire();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt(); // done in time
                            }
                        });
        try {
            return work.get();
        } finally {
            guard.interrupt();
        }
    }

    /**
     * Two runs of one controller at a time on one cluster would only wait for each other's hosts.
     */
    private static ExitCode locked(Run run, Supplier<ExitCode> work) {
        Path file = run.folder().resolve("lock");
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw new Failure(
                        ExitCode.LOCKED,
                        Failure.Reason.of(
                                null,
                                "another swdt of this user works on " + run.cluster().name(),
                                "wait until it is done"));
            }
            return work.get();
        } catch (IOException e) {
            throw new Failure(
                    ExitCode.FAILED,
                    Failure.Reason.of(
                            null, file + " cannot be used: " + e.getMessage(), "make it writable"));
        }
    }

    private static void saveKubeconfig(Run run, Reader reader) {
        try {
            StateFolder.write(run.folder().resolve("kubeconfig"), reader.kubeconfig().reveal());
        } catch (IOException e) {
            throw stateFailure(run, e);
        }
    }

    private void remember(Run run) {
        try {
            environment
                    .state()
                    .remember(
                            run.cluster().name(),
                            run.file(),
                            run.cluster().nodes().stream().map(Cluster.Node::name).toList());
        } catch (IOException e) {
            throw stateFailure(run, e);
        }
    }

    private void forget(Run run) {
        try {
            environment.state().forget(run.cluster().name());
        } catch (IOException e) {
            throw stateFailure(run, e);
        }
    }

    private static Failure stateFailure(Run run, @Nullable IOException e) {
        return new Failure(
                ExitCode.FAILED,
                Failure.Reason.of(
                        null,
                        "the folder "
                                + run.folder()
                                + " cannot be written"
                                + (e == null ? "" : ": " + e.getMessage()),
                        "make it writable"));
    }
}
