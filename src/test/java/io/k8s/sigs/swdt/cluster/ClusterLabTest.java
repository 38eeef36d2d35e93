package io.k8s.sigs.swdt.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.k8s.sigs.swdt.lab.Belongings;
import io.k8s.sigs.swdt.lab.Lab;
import io.k8s.sigs.swdt.lab.LabClusterFile;
import io.k8s.sigs.swdt.lab.LabHost;
import io.k8s.sigs.swdt.lab.LabTest;
import io.k8s.sigs.swdt.lab.Swdt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The life of one cluster, from bare hosts to bare hosts: each test goes on where the last one
 * ended.
 */
@LabTest
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterLabTest {

    private static final Pattern ROUND_TRIPS =
            Pattern.compile("^(\\S+): (\\d+) remote commands$", Pattern.MULTILINE);

    @TempDir static Path home;

    private static List<LabHost> hosts = List.of();
    private static final Map<String, List<String>> BEFORE = new TreeMap<>();
    private static Path file = Path.of("");

    private final Swdt swdt = new Swdt(home);

    @BeforeAll
    static void hosts_with_things_of_their_user(Lab lab) {
        hosts = lab.linux("cl-cp", "cl-w1", "cl-w2", "cl-w3");
        hosts.forEach(Belongings::bring);
        hosts.forEach(h -> BEFORE.put(h.name(), Belongings.picture(h)));
        file = new LabClusterFile(lab, "life").write(home, hosts.subList(0, 3));
    }

    private Swdt.Result create(String... more) {
        List<String> command = new ArrayList<>(List.of("cluster", "create", "--config"));
        command.addAll(List.of(file.toString(), "--yes", "--accept-new-host-keys", "--verbose"));
        command.addAll(List.of(more));
        return swdt.run(command.toArray(new String[0]));
    }

    private static Map<String, Integer> roundTrips(Swdt.Result result) {
        Map<String, Integer> trips = new TreeMap<>();
        Matcher m = ROUND_TRIPS.matcher(result.stderr());
        while (m.find()) {
            trips.put(m.group(1), Integer.parseInt(m.group(2)));
        }
        return trips;
    }

    @Test
    @Order(1)
    void a_plan_touches_nothing() {
        Swdt.Result plan = create("--dry-run");

        assertThat(plan.exit()).as(plan.toString()).isZero();
        assertThat(plan.stderr())
                .contains("+  kubeadm init", "+  kubeadm join", "~  file /etc/crictl.yaml")
                .contains("~  program /usr/local/bin/kubectl", "~  swap off");
        assertThat(hosts.getFirst().has("/var/lib/swdt")).isFalse();
        hosts.forEach(h -> assertThat(difference(h)).as(h.name()).isEmpty());
    }

    @Test
    @Order(2)
    void create_makes_a_cluster_whose_pods_reach_each_other() throws IOException {
        Swdt.Result created = create();

        assertThat(created.exit()).as(created.toString()).isZero();
        assertThat(created.stdout())
                .containsPattern("nodes ready +passed   3 nodes")
                .containsPattern("pod to pod +passed   3 pods, each on a node of its own")
                .containsPattern("service address +passed")
                .containsPattern("service name \\(DNS\\) +passed")
                .containsPattern("logs +passed")
                .containsPattern("exec +passed")
                .containsPattern("cl-cp +Ready +control-plane")
                .containsPattern("cl-w1 +Ready +worker")
                .containsPattern("cl-w2 +Ready +worker");
        assertThat(roundTrips(created))
                .hasEntrySatisfying("cl-w1", n -> assertThat(n).isLessThanOrEqualTo(6))
                .hasEntrySatisfying("cl-w2", n -> assertThat(n).isLessThanOrEqualTo(6));
        Path kubeconfig = home.resolve("state/swdt/life/kubeconfig");
        assertThat(kubeconfig).content().contains("https://cl-cp:6443");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kubeconfig)))
                .isEqualTo("rw-------");
    }

    @Test
    @Order(3)
    void nothing_secret_lies_about() {
        for (LabHost host : hosts.subList(0, 3)) {
            assertThat(
                            host.run(
                                    "grep -rlaE '[a-z0-9]{6}\\.[a-z0-9]{16}' /var/lib/swdt/journal"
                                            + " /var/lib/swdt/run || true"))
                    .as("files on %s that hold a join token", host.name())
                    .isEmpty();
        }
        assertThat(
                        hosts.getFirst()
                                .run("kubeadm token list --kubeconfig /etc/kubernetes/admin.conf"))
                .isEmpty();
    }

    @Test
    @Order(4)
    void create_again_says_that_nothing_is_to_be_done() {
        Swdt.Result again = create();

        assertThat(again.exit()).as(again.toString()).isZero();
        assertThat(again.stderr())
                .contains("Nothing to do: life is as its file says.")
                .doesNotContain("applied");
        assertThat(roundTrips(again))
                .hasSize(3)
                .allSatisfy((_, n) -> assertThat(n).isLessThanOrEqualTo(3));
    }

    @Test
    @Order(5)
    void the_cluster_is_read_without_naming_its_file() {
        Swdt.Result nodes = swdt.run("get", "nodes", "--output", "json");
        Swdt.Result pods = swdt.run("get", "pods");
        Swdt.Result kubeconfig = swdt.run("get", "kubeconfig");
        Swdt.Result status = swdt.run("cluster", "status", "--cluster", "life");

        assertThat(nodes.exit()).as(nodes.toString()).isZero();
        assertThat(nodes.stdout()).contains("\"kubernetes.io/hostname\": \"cl-w2\"");
        assertThat(pods.stdout()).containsPattern("kube-system +coredns-\\S+ +1/1 +Running");
        assertThat(kubeconfig.stdout()).startsWith("apiVersion: v1\n").contains("client-key-data");
        assertThat(status.exit()).as(status.toString()).isZero();
        assertThat(status.stdout()).containsPattern("cl-w1 +.*Ready");
    }

    @Test
    @Order(6)
    void the_status_tells_of_a_host_that_is_off_and_of_all_others() {
        hosts.get(2).cut();

        Swdt.Result status = swdt.run("cluster", "status");
        hosts.get(2).mend();

        assertThat(status.exit()).as(status.toString()).isEqualTo(1);
        assertThat(status.stdout())
                .containsPattern("cl-w1 +worker +.* life +\\d+ +Ready")
                .containsPattern("cl-w2 +worker +.* +unreachable");
        assertThat(status.stderr()).containsPattern("cl-w2: .*" + hosts.get(2).address());
    }

    @Test
    @Order(7)
    void a_node_that_somebody_reset_joins_again() {
        hosts.get(1).run("/usr/local/bin/kubeadm reset -f");

        // kubeadm refuses to, as long as the node of before counts as Ready
        Swdt.Result created = create("--no-test");

        assertThat(created.exit()).as(created.toString()).isZero();
        assertThat(created.stdout()).containsPattern("cl-w1 +Ready");
        assertThat(created.stderr())
                .contains("cl-w1: applied kubeadm join", "applied join token deleted");
    }

    @Test
    @Order(8)
    void one_more_worker_alters_no_other_host(Lab lab) {
        String before =
                hosts.get(1).run("ls -l --time-style=full-iso /var/lib/swdt/journal /etc/hosts");
        file = new LabClusterFile(lab, "life").write(home, hosts);

        Swdt.Result more = create("--no-test");

        assertThat(more.exit()).as(more.toString()).isZero();
        assertThat(more.stdout()).containsPattern("cl-w3 +Ready");
        assertThat(more.stderr().lines().filter(l -> l.matches("cl-w[12]: (applied|kept) .*")))
                .isEmpty();
        assertThat(more.stderr().lines().filter(l -> l.startsWith("cl-cp: applied")))
                .allMatch(l -> l.contains("join token"));
        assertThat(hosts.get(1).run("ls -l --time-style=full-iso /var/lib/swdt/journal /etc/hosts"))
                .isEqualTo(before);
    }

    @Test
    @Order(9)
    void destroy_gives_the_hosts_back_byte_for_byte() {
        Swdt.Result destroyed =
                swdt.run("cluster", "destroy", "--config", file.toString(), "--yes");

        assertThat(destroyed.exit()).as(destroyed.toString()).isZero();
        assertThat(home.resolve("state/swdt/life")).isDirectoryContaining("glob:**/log");
        assertThat(home.resolve("state/swdt/life/kubeconfig")).doesNotExist();
        for (LabHost host : hosts) {
            assertThat(destroyed.stdout())
                    .contains(host.name() + ": as it was before the first change\n");
            assertThat(difference(host)).as(host.name()).isEmpty();
        }
    }

    @Test
    @Order(10)
    void destroy_again_says_that_nothing_is_to_be_done() {
        Swdt.Result again = swdt.run("cluster", "destroy", "--config", file.toString(), "--yes");

        assertThat(again.exit()).as(again.toString()).isZero();
        assertThat(again.stderr())
                .contains("Nothing to do: swdt has changed nothing on these hosts.");
    }

    @Test
    @Order(11)
    void a_host_takes_another_cluster_of_itself_alone_with_an_older_kubernetes(Lab lab)
            throws IOException {
        String oldest = oldestInTheMirror();
        file =
                new LabClusterFile(lab, "second")
                        .withKubernetes(oldest)
                        .write(home, hosts.subList(0, 1));

        Swdt.Result created = create();
        Swdt.Result destroyed =
                swdt.run("cluster", "destroy", "--config", file.toString(), "--yes");

        assertThat(created.exit()).as(created.toString()).isZero();
        assertThat(created.stdout()).containsPattern("cl-cp +Ready +control-plane +v" + oldest);
        assertThat(destroyed.exit()).as(destroyed.toString()).isZero();
        assertThat(difference(hosts.getFirst())).isEmpty();
    }

    /** The same as before where there is only one. */
    private static String oldestInTheMirror() throws IOException {
        Matcher m = Pattern.compile("mirror: ([^}]+)}").matcher(Files.readString(file));
        if (!m.find()) {
            return "";
        }
        try (var versions = Files.list(Path.of(m.group(1), "dl.k8s.io", "release"))) {
            return versions.map(v -> v.getFileName().toString())
                    .filter(v -> v.matches("v[0-9.]+"))
                    .map(v -> v.substring(1))
                    .sorted()
                    .findFirst()
                    .orElse("");
        }
    }

    private static List<String> difference(LabHost host) {
        return Belongings.difference(BEFORE.getOrDefault(host.name(), List.of()), host);
    }
}
