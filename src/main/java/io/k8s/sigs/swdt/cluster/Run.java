package io.k8s.sigs.swdt.cluster;

import io.k8s.sigs.swdt.agent.Session;
import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.connection.Connector;
import io.k8s.sigs.swdt.connection.HostKeys;
import io.k8s.sigs.swdt.connection.SshConnector;
import io.k8s.sigs.swdt.engine.Cancellation;
import io.k8s.sigs.swdt.engine.Patience;
import io.k8s.sigs.swdt.engine.RunEvent;
import io.k8s.sigs.swdt.host.Facts;
import io.k8s.sigs.swdt.host.StateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one run of a command works with.
 *
 * @param environment where swdt runs
 * @param console the person's side
 * @param cluster the cluster file
 * @param file where it lies
 * @param common what the user asked for
 * @param id unique
 * @param command for people, e.g. {@code create}
 * @param patience the run's deadline
 * @param cancellation the user's wish to stop
 */
record Run(
        Environment environment,
        Console console,
        Cluster cluster,
        Path file,
        Requests.Common common,
        String id,
        String command,
        Patience patience,
        Cancellation cancellation) {

    // longer than any step may take without a sign of life from the host
    private static final int LEASE_SECONDS = 900;
    private static final Pattern HOLDER = Pattern.compile("(.+), process (\\d+), .*");

    static Run of(
            Environment environment,
            Console console,
            Cluster cluster,
            Path file,
            Requests.Common common,
            String command,
            Cancellation cancellation) {
        return new Run(
                environment,
                console,
                cluster,
                file,
                common,
                Long.toString(System.currentTimeMillis(), 36) + "-" + ProcessHandle.current().pid(),
                command,
                Patience.until(Instant.now().plus(common.timeout())),
                cancellation);
    }

    Site site(Consumer<RunEvent> events) {
        HostKeys keys =
                new HostKeys(
                        environment.home().resolve(".ssh/known_hosts"),
                        folder().resolve("known_hosts"),
                        (host, fingerprint) ->
                                common.acceptNewHostKeys()
                                        || console.ask(
                                                "The host key of "
                                                        + host
                                                        + " is not known: "
                                                        + fingerprint
                                                        + ". Trust it from now on?"));
        return new Site(
                new Connector(
                        new SshConnector(
                                keys,
                                environment.home(),
                                environment.user(),
                                environment.variables(),
                                Duration.ofSeconds(15)),
                        environment.variables(),
                        (node, note) -> events.accept(new RunEvent.Note(node, note))),
                patience,
                events);
    }

    /** The cluster's folder on this controller. */
    Path folder() {
        try {
            return environment.state().cluster(cluster.name());
        } catch (IOException e) {
            throw new Failure(
                    ExitCode.FAILED,
                    Failure.Reason.of(
                            null,
                            "the state folder "
                                    + environment.state().root()
                                    + " cannot be made: "
                                    + e.getMessage(),
                            "make it writable"));
        }
    }

    private String self() {
        return environment.user() + "@" + environment.controller();
    }

    /**
     * Who runs, after all that was seen on the hosts: refuses hosts of other clusters and other
     * controllers' locks, all at once.
     */
    Session session(Site site, List<Cluster.Node> nodes) {
        List<Failure.Reason> reasons = new ArrayList<>();
        Set<String> uids = new HashSet<>();
        Set<String> over = new TreeSet<>();
        for (Cluster.Node node : nodes) {
            Facts facts = site.facts(node);
            Facts.Owner owner = facts.owner().orElse(null);
            if (owner != null && !owner.cluster().equals(cluster.name())) {
                reasons.add(
                        Failure.Reason.of(
                                node.name(),
                                "belongs to the cluster " + owner.cluster() + ", which swdt made",
                                "destroy that cluster first, or use another host"));
            } else if (owner != null) {
                uids.add(owner.uid());
            }
            Facts.Lease lease = facts.lease().filter(l -> l.secondsLeft() > 0).orElse(null);
            if (lease != null) {
                if (common.breakLock() || abandoned(lease.holder())) {
                    over.add(lease.run());
                    if (common.breakLock()) {
                        console.say(node.name() + ": taking over from " + lease.holder());
                    }
                } else {
                    reasons.add(
                            Failure.Reason.of(
                                    node.name(),
                                    "is being worked on by " + lease.holder(),
                                    "wait until that run is over; if it is dead, wait "
                                            + lease.secondsLeft()
                                            + " s or use --break-lock"));
                }
            }
        }
        if (uids.size() > 1) {
            reasons.add(
                    Failure.Reason.of(
                            null,
                            "the hosts belong to different clusters of the name " + cluster.name(),
                            "destroy the older one from the controller that made it"));
        }
        if (!reasons.isEmpty()) {
            throw new Failure(ExitCode.LOCKED, reasons, null);
        }
        return new Session(
                cluster.name(),
                uids.stream().findFirst().orElseGet(this::rememberedUid),
                environment.version(),
                id,
                List.copyOf(over),
                self() + ", process " + ProcessHandle.current().pid() + ", " + command,
                LEASE_SECONDS);
    }

    // a run of this user on this machine whose process is gone will not come back
    private boolean abandoned(String holder) {
        Matcher m = HOLDER.matcher(holder);
        return m.matches()
                && m.group(1).equals(self())
                && ProcessHandle.of(Long.parseLong(m.group(2)))
                        .filter(ProcessHandle::isAlive)
                        .isEmpty();
    }

    // so that a create that was cut off before any host knew its owner goes on as the same cluster
    private String rememberedUid() {
        Path uid = folder().resolve("uid");
        try {
            if (Files.exists(uid)) {
                return Files.readString(uid).strip();
            }
            String made = UUID.randomUUID().toString();
            StateFolder.write(uid, made + "\n");
            return made;
        } catch (IOException e) {
            throw new Failure(
                    ExitCode.FAILED,
                    Failure.Reason.of(
                            null,
                            uid + " cannot be written: " + e.getMessage(),
                            "make it writable"));
        }
    }
}
