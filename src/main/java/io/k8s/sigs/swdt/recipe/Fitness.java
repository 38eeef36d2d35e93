package io.k8s.sigs.swdt.recipe;

import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.host.Facts;
import io.k8s.sigs.swdt.value.Ipv4;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whether hosts can become what the cluster file wants, before anything is changed: all reasons
 * against it at once. Pure. Sources: kubeadm's preflight (k/k cmd/kubeadm/app/preflight), KEP-5573
 * for cgroup v1, kubernetes.io "Before you begin" for sizes.
 */
public final class Fitness {

    private static final long MAX_SKEW_SECONDS = 60;
    private static final long CONTROL_PLANE_MIB = 1700;
    private static final long WORKER_MIB = 900;
    private static final long FREE_DISK_MIB = 5 * 1024L;

    private Fitness() {}

    /**
     * A reason against a host.
     *
     * @param host its node
     * @param what why not
     * @param next what to do
     */
    public record Refusal(String host, String what, String next) {}

    /** All reasons against creating this cluster on hosts with these facts, by node name. */
    public static List<Refusal> refusals(Cluster cluster, Map<String, Facts> facts) {
        List<Refusal> refusals = new ArrayList<>();
        long median = median(facts);
        for (Cluster.Node node : cluster.nodes()) {
            Facts host = facts.get(node.name());
            if (host != null) {
                new One(cluster, node, host, refusals).all(median);
            }
        }
        for (String fact : List.of("machine-id", "link", "hostname")) {
            twice(cluster, facts, fact, refusals);
        }
        return refusals;
    }

    /** What a user should know of hosts that are fit, by node name. */
    public static Map<String, List<String>> warnings(Cluster cluster, Map<String, Facts> facts) {
        Map<String, List<String>> warnings = new LinkedHashMap<>();
        for (Cluster.Node node : cluster.nodes()) {
            Facts host = facts.get(node.name());
            if (host != null && node.os() == Cluster.Os.WINDOWS) {
                warnings.put(node.name(), WindowsFitness.warnings(cluster, host));
            }
        }
        return warnings;
    }

    private static long median(Map<String, Facts> facts) {
        long[] offsets = facts.values().stream().mapToLong(Facts::clockOffsetSeconds).toArray();
        Arrays.sort(offsets);
        return offsets.length == 0 ? 0 : offsets[(offsets.length - 1) / 2];
    }

    private static void twice(
            Cluster cluster, Map<String, Facts> facts, String fact, List<Refusal> refusals) {
        Map<String, String> seen = new LinkedHashMap<>();
        for (Cluster.Node node : cluster.nodes()) {
            Facts host = facts.get(node.name());
            if (host == null) {
                continue;
            }
            boolean renamed = node.os() == Cluster.Os.WINDOWS && cluster.windows().rename();
            if (fact.equals("hostname") && renamed) {
                continue;
            }
            for (String value : values(host, fact)) {
                String other = seen.putIfAbsent(value, node.name());
                if (other != null && !other.equals(node.name())) {
                    refusals.add(
                            new Refusal(
                                    node.name(),
                                    "has the same "
                                            + noun(fact)
                                            + " as "
                                            + other
                                            + " ("
                                            + value
                                            + ")",
                                    advice(fact, node.os())));
                    break;
                }
            }
        }
    }

    private static List<String> values(Facts host, String fact) {
        return switch (fact) {
            case "link" ->
                    host.records().getOrDefault("link", List.of()).stream()
                            .filter(r -> r.getFirst().matches("(?i)(e|host|wl|ib).*"))
                            .map(r -> r.get(1))
                            .filter(mac -> !mac.isEmpty() && !mac.equals("00:00:00:00:00:00"))
                            .toList();
            default -> host.text(fact).isEmpty() ? List.of() : List.of(host.text(fact));
        };
    }

    private static String noun(String fact) {
        return switch (fact) {
            case "link" -> "MAC address";
            case "hostname" -> "hostname";
            default -> fact;
        };
    }

    private static String advice(String fact, Cluster.Os os) {
        return switch (fact) {
            case "machine-id" ->
                    os == Cluster.Os.WINDOWS
                            ? "one was cloned from the other: give one of the machines another hardware UUID"
                            : "one was cloned from the other; on one of them: rm /etc/machine-id && systemd-machine-id-setup, then reboot";
            case "link" -> "give one of the machines another MAC address";
            default ->
                    "give one of them another name: "
                            + (os == Cluster.Os.WINDOWS
                                    ? "Rename-Computer NAME -Restart"
                                    : "hostnamectl set-hostname NAME");
        };
    }

    // one host's checks
    private record One(Cluster cluster, Cluster.Node node, Facts host, List<Refusal> refusals) {

        void all(long median) {
            String wanted = node.os() == Cluster.Os.LINUX ? "Linux" : "Windows";
            if (!host.kernelName().equals(wanted)) {
                no(
                        "is not a " + wanted + " host (" + host.osName() + ")",
                        wanted.equals("Linux")
                                ? "set os: windows, or another address"
                                : "set os: linux, or another address");
                return;
            }
            switch (node.os()) {
                case LINUX -> linux();
                case WINDOWS -> WindowsFitness.refusals(cluster, node, host).forEach(this::no);
            }
            size();
            long skew = host.clockOffsetSeconds() - median;
            if (Math.abs(skew) > MAX_SKEW_SECONDS) {
                no(
                        "its clock is "
                                + Math.abs(skew)
                                + " s "
                                + (skew > 0 ? "ahead of" : "behind")
                                + " the other hosts'",
                        "set the clock, best by a time service such as chrony");
            }
            if (!host.addresses().contains(Ipv4.parse(node.address()))) {
                no(
                        "has no interface with the address "
                                + node.address()
                                + " (it has "
                                + host.addresses()
                                + ")",
                        "correct the node's address; for another address to log in to, use ssh.host");
            }
            if (host.owner().isEmpty()) {
                foreign();
                ports();
            }
            NetworkFitness.refusals(cluster, node, host).forEach(this::no);
        }

        private void linux() {
            if (!host.text("init").equals("systemd")) {
                no(
                        "runs " + host.text("init") + " as its first process, not systemd",
                        "use a distribution with systemd");
            }
            if (!Set.of("linux/amd64", "linux/arm64").contains(host.platform())) {
                no("has the architecture " + host.text("arch"), "use a host of x86_64 or aarch64");
            }
            tools();
            cgroup();
        }

        private void size() {
            boolean controlPlane = node.role() == Cluster.Role.CONTROL_PLANE;
            boolean cpuIgnored = ignored("NumCPU");
            if (controlPlane && host.cpus() < 2 && !cpuIgnored) {
                no(
                        "has " + host.cpus() + " CPU; a control plane needs 2",
                        "give it more, or add NumCPU to kubernetes.ignorePreflightErrors");
            }
            long least = controlPlane ? CONTROL_PLANE_MIB : WORKER_MIB;
            if (host.memoryMib() < least && !ignored("Mem")) {
                no(
                        "has " + host.memoryMib() + " MiB of memory; it needs " + least,
                        "give it more, or add Mem to kubernetes.ignorePreflightErrors");
            }
            if (host.freeDiskMib() < FREE_DISK_MIB) {
                no(
                        "has "
                                + host.freeDiskMib()
                                + " MiB of free disk "
                                + (node.os() == Cluster.Os.LINUX ? "below /var" : "on C:")
                                + "; it needs "
                                + FREE_DISK_MIB,
                        "make room");
            }
        }

        private boolean ignored(String check) {
            return cluster.kubernetes().ignorePreflightErrors().stream()
                    .anyMatch(c -> c.equalsIgnoreCase(check) || c.equalsIgnoreCase("all"));
        }

        private void tools() {
            List<String> missing = LinuxTools.unobtainable(host);
            if (!missing.isEmpty()) {
                no(
                        "lacks "
                                + String.join(", ", missing)
                                + ", and no package repository in reach has it",
                        "install it, or make a repository reachable: swdt then installs it and takes it away again on destroy");
            }
        }

        private void cgroup() {
            if (host.text("cgroup").equals("v1")
                    && cluster.kubernetes().version().atLeast(1, 35)
                    && !cluster.kubernetes().cgroupV1Allowed()) {
                no(
                        "has cgroup v1, which Kubernetes "
                                + cluster.kubernetes().version().line()
                                + " refuses (KEP-5573)",
                        "boot it with cgroup v2, or accept v1: kubernetes.kubeletConfiguration: {failCgroupV1: false} and ignorePreflightErrors: [SystemVerification]");
            }
        }

        private void foreign() {
            List<String> traces = host.all("foreign");
            if (!traces.isEmpty()) {
                no(
                        "has traces of a Kubernetes, container runtime or pod network that swdt did not make: "
                                + String.join(", ", traces),
                        "remove them, or use another host: swdt changes nothing that it cannot put back");
            }
        }

        private void ports() {
            boolean controlPlane = node.role() == Cluster.Role.CONTROL_PLANE;
            List<Integer> wanted =
                    controlPlane
                            ? List.of(
                                    cluster.kubernetes().controlPlaneEndpoint().port(),
                                    2379,
                                    2380,
                                    10250,
                                    10257,
                                    10259,
                                    10256)
                            : List.of(10250, 10256);
            List<Integer> taken = wanted.stream().filter(host.ports()::contains).toList();
            if (!taken.isEmpty()) {
                no(
                        "something listens on port " + taken + ", which Kubernetes needs",
                        node.os() == Cluster.Os.LINUX
                                ? "find it with: ss -ltnp"
                                : "find it with: netstat -abno");
            }
        }

        private void no(String what, String next) {
            refusals.add(new Refusal(node.name(), what, next));
        }
    }
}
