package io.k8s.sigs.swdt.host;

import io.k8s.sigs.swdt.value.Cidr;
import io.k8s.sigs.swdt.value.Ipv4;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a host is today, as its agent says it: names with lists of values. Immutable.
 *
 * @param records values by fact name, in the order in which they came
 * @param clockOffsetSeconds the host's clock less the controller's, measured when the facts came
 */
public record Facts(Map<String, List<List<String>>> records, long clockOffsetSeconds) {

    /** Facts of these records; the clock's offset is taken from the fact {@code time}. */
    public static Facts of(Map<String, List<List<String>>> records, Instant now) {
        Facts facts = new Facts(records, 0);
        return new Facts(
                records, facts.number("time", now.getEpochSecond()) - now.getEpochSecond());
    }

    /** First value of a fact, or empty text. */
    public String text(String name) {
        return value(name, 0);
    }

    private String value(String name, int index) {
        List<List<String>> all = records.getOrDefault(name, List.of());
        return all.isEmpty() || all.getFirst().size() <= index ? "" : all.getFirst().get(index);
    }

    private long number(String name, long otherwise) {
        String text = text(name);
        return text.matches("\\d{1,18}") ? Long.parseLong(text) : otherwise;
    }

    /** First values of all records of a fact. */
    public List<String> all(String name) {
        List<String> values = new ArrayList<>();
        records.getOrDefault(name, List.of())
                .forEach(r -> values.add(r.isEmpty() ? "" : r.getFirst()));
        return values;
    }

    /** All records of a fact. */
    public List<List<String>> rows(String name) {
        return records.getOrDefault(name, List.of());
    }

    /** Whether there is such a fact at all. */
    public boolean has(String name) {
        return records.containsKey(name);
    }

    /** {@code Linux} or {@code Windows}. */
    public String kernelName() {
        return value("os", 0);
    }

    /** The distribution's id, e.g. {@code debian}; empty if not known. */
    public String distribution() {
        return value("os", 1);
    }

    /** The distribution with its version, for people. */
    public String osName() {
        String pretty = value("os", 3);
        return pretty.isEmpty() ? kernelName() : pretty;
    }

    /** E.g. {@code linux/amd64}; an architecture that is not known under its own name. */
    public String platform() {
        return kernelName().toLowerCase(Locale.ROOT)
                + "/"
                + switch (text("arch")) {
                    case "x86_64", "AMD64" -> "amd64";
                    case "aarch64", "ARM64" -> "arm64";
                    default -> text("arch");
                };
    }

    /** The distribution's version; for Windows the build, e.g. {@code 20348}. */
    public String osVersion() {
        return value("os", 2);
    }

    /** Number of processors. */
    public int cpus() {
        return (int) number("cpus", 0);
    }

    /** Memory in MiB. */
    public long memoryMib() {
        return number("memory", 0) / 1024;
    }

    /** Free disk space below /var in MiB. */
    public long freeDiskMib() {
        String kib = value("disk", 1);
        return kib.matches("\\d{1,18}") ? Long.parseLong(kib) / 1024 : Long.MAX_VALUE;
    }

    /** Whether swap is on, or would be after the next boot. */
    public boolean hasSwap() {
        return has("swap") || has("swap-at-boot");
    }

    /** IPv4 addresses of all interfaces. */
    public List<Ipv4> addresses() {
        List<Ipv4> addresses = new ArrayList<>();
        for (List<String> record : records.getOrDefault("address", List.of())) {
            addresses.add(Ipv4.parse(record.get(1).replaceFirst("/.*", "")));
        }
        return addresses;
    }

    /** The network of the interface that has this address; empty where none has. */
    public Optional<Cidr> network(Ipv4 address) {
        return records.getOrDefault("address", List.of()).stream()
                .map(r -> r.get(1))
                .filter(a -> a.replaceFirst("/.*", "").equals(address.toString()))
                .filter(a -> a.contains("/"))
                .map(Cidr::parse)
                .findFirst();
    }

    /**
     * Networks that the host has routes to, each with its interface; the default route is not one.
     */
    public List<Route> routes() {
        List<Route> routes = new ArrayList<>();
        for (List<String> record : records.getOrDefault("route", List.of())) {
            String network = record.getFirst();
            if (network.matches("[0-9.]+(/\\d+)?")) {
                routes.add(
                        new Route(
                                Cidr.parse(network.contains("/") ? network : network + "/32"),
                                record.get(1)));
            }
        }
        return routes;
    }

    /** The host's TCP ports that something listens on. */
    public Set<Integer> ports() {
        Set<Integer> ports = new HashSet<>();
        all("port").forEach(p -> ports.add(Integer.parseInt(p)));
        return ports;
    }

    /** Programs that were looked for and found. */
    public Set<String> tools() {
        return Set.copyOf(all("tool"));
    }

    /** The cluster that the host belongs to, if swdt owns it. */
    public Optional<Owner> owner() {
        return has("owner")
                ? Optional.of(new Owner(value("owner", 0), value("owner", 1)))
                : Optional.empty();
    }

    /** Who works on the host at the moment, or did when the lease was renewed last. */
    public Optional<Lease> lease() {
        return has("lease")
                ? Optional.of(
                        new Lease(
                                value("lease", 0),
                                Long.parseLong(value("lease", 1)),
                                value("lease", 2)))
                : Optional.empty();
    }

    /** The program that runs on the host right now, if one does. */
    public Optional<String> running() {
        return has("running") ? Optional.of(text("running")) : Optional.empty();
    }

    /**
     * Keys of the journal's entries, the oldest first; one that was begun and not finished counts.
     */
    public List<String> journal() {
        return all("entry");
    }

    /** Whether the journal has an entry of this key that is finished. */
    public boolean journalled(String key) {
        return rows("entry").contains(List.of(key, "complete"));
    }

    /**
     * @param network where to
     * @param device through which interface
     */
    public record Route(Cidr network, String device) {}

    /**
     * @param cluster its name
     * @param uid its unique id
     */
    public record Owner(String cluster, String uid) {}

    /**
     * @param run whose it is
     * @param secondsLeft by the host's clock; negative once it has run out
     * @param holder for people
     */
    public record Lease(String run, long secondsLeft, String holder) {}
}
