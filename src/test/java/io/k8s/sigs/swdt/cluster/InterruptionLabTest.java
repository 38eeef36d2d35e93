package io.k8s.sigs.swdt.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.k8s.sigs.swdt.lab.Belongings;
import io.k8s.sigs.swdt.lab.Lab;
import io.k8s.sigs.swdt.lab.LabClusterFile;
import io.k8s.sigs.swdt.lab.LabHost;
import io.k8s.sigs.swdt.lab.LabTest;
import io.k8s.sigs.swdt.lab.Swdt;
import io.k8s.sigs.swdt.lab.Swdt.Moment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that are cut off, on real hosts; each test ends with hosts that are as they were. */
@LabTest
class InterruptionLabTest {

    @TempDir static Path home;

    private static final Map<String, List<String>> BEFORE = new TreeMap<>();
    private static List<LabHost> hosts = List.of();
    private static String file = "";

    private final Swdt swdt = new Swdt(home);

    @BeforeAll
    static void two_hosts(Lab lab) {
        hosts = lab.linux("in-cp", "in-w1");
        hosts.forEach(Belongings::bring);
        hosts.forEach(h -> BEFORE.put(h.name(), Belongings.picture(h)));
        file = new LabClusterFile(lab, "cut").write(home, hosts).toString();
    }

    private Swdt.Result create(Moment... moments) {
        return swdt.run(
                List.of(moments),
                "cluster",
                "create",
                "--config",
                file,
                "--yes",
                "--accept-new-host-keys");
    }

    private Swdt.Result destroy(Moment... moments) {
        return swdt.run(List.of(moments), "cluster", "destroy", "--config", file, "--yes");
    }

    private static Moment killed(String line) {
        return new Moment(line, Swdt::kill);
    }

    private static String change(String host, String key, String state) {
        return "\"host\":\"%s\",\"event\":\"change\",\"key\":\"%s.*\",\"state\":\"%s\""
                .formatted(host, key, state);
    }

    @AfterEach
    void destroy_leaves_no_difference() {
        Swdt.Result destroyed = destroy();

        assertThat(destroyed.exit()).as(destroyed.toString()).isZero();
        hosts.forEach(h -> assertThat(difference(h)).as(h.name()).isEmpty());
    }

    @Test
    void create_goes_on_after_ten_kills() {
        // what is over by then, as a program goes on without swdt, does not come again: then the
        // next does
        List<String> steps =
                List.of(
                        "file /etc/containerd/config.toml",
                        "archive containerd",
                        "archive cni-plugins",
                        "program /usr/local/bin/kubeadm",
                        "image .*kube-proxy",
                        "kubeadm init",
                        "kubeadm join",
                        "image .*agnhost");
        List<String> moments =
                new ArrayList<>(List.of("\"phase\":\"looking\"", "\"event\":\"planned\""));
        for (int i = 0; i < steps.size(); i++) {
            String any = String.join("|", steps.subList(i, steps.size()));
            moments.add(change("[^\"]*", "(" + any + ")", "started"));
        }
        for (String moment : moments) {
            Swdt.Result killed = create(killed(moment));
            assertThat(killed.exit()).as(moment + "\n" + killed).isEqualTo(137);
        }

        Swdt.Result created = create();

        assertThat(created.exit()).as(created.toString()).isZero();
        assertThat(created.stdout())
                .contains("{\"node\":\"in-w1\",\"status\":\"Ready\"", "cut is ready.");
    }

    @Test
    void destroy_undoes_what_a_killed_create_has_begun() {
        create(killed(change("in-cp", "kubeadm init", "started")));

        Swdt.Result stopped =
                destroy(new Moment(change("in-cp", "image .*etcd", "reverted"), Swdt::interrupt));
        assertThat(stopped.exit()).as(stopped.toString()).isEqualTo(130);
        assertThat(stopped.stdout())
                .contains("error: stopped before all hosts of cut were given back")
                .doesNotContain("as it was before");

        Swdt.Result killed = destroy(killed(change("in-cp", "archive cni-plugins", "reverted")));

        assertThat(killed.exit()).as(killed.toString()).isEqualTo(137);
    }

    @Test
    void one_press_of_ctrl_c_stops_after_the_running_change() {
        Swdt.Result stopped =
                create(
                        new Moment(
                                change("in-w1", "service containerd", "started"), Swdt::interrupt));

        assertThat(stopped.exit()).as(stopped.toString()).isEqualTo(130);
        assertThat(stopped.stdout())
                .containsPattern(change("in-w1", "service containerd", "applied"))
                .contains("stopping after the running change; press Ctrl-C again to end at once")
                .contains("error: stopped before cut was complete")
                .contains("run the same command again to go on")
                .doesNotContain("\"key\":\"kubeadm init\"");
    }

    @Test
    void two_presses_of_ctrl_c_end_it_at_once() {
        Swdt.Result ended =
                create(
                        new Moment(
                                change("in-cp", "archive containerd", "started"), Swdt::interrupt),
                        new Moment("stopping after the running change", Swdt::interrupt));

        assertThat(ended.exit()).as(ended.toString()).isEqualTo(130);
        assertThat(ended.stdout()).doesNotContain("error: stopped before cut was complete");
    }

    @Test
    void a_cut_cable_and_a_power_cut_are_ridden_out() {
        LabHost worker = hosts.get(1);

        Swdt.Result created =
                create(
                        new Moment(
                                change("in-w1", "archive containerd", "started"),
                                _ -> unplugged(worker, Duration.ofSeconds(20))),
                        new Moment(
                                change("in-w1", "program /usr/local/bin/kubeadm", "started"),
                                _ -> {
                                    worker.down();
                                    worker.up();
                                    Belongings.bringRules(worker);
                                }));

        assertThat(created.exit()).as(created.toString()).isZero();
        assertThat(created.stdout())
                .contains("the connection broke; waiting for the host to come back")
                .contains("{\"node\":\"in-w1\",\"status\":\"Ready\"");
    }

    private static void unplugged(LabHost host, Duration time) {
        host.cut();
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            host.mend();
        }
    }

    private static List<String> difference(LabHost host) {
        return Belongings.difference(BEFORE.getOrDefault(host.name(), List.of()), host);
    }
}
