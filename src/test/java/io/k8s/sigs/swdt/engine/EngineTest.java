package io.k8s.sigs.swdt.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.k8s.sigs.swdt.agent.RunSecrets;
import io.k8s.sigs.swdt.agent.Session;
import io.k8s.sigs.swdt.artifact.Artifact;
import io.k8s.sigs.swdt.artifact.ArtifactException;
import io.k8s.sigs.swdt.plan.Change;
import io.k8s.sigs.swdt.plan.Plan;
import io.k8s.sigs.swdt.plan.Step;
import io.k8s.sigs.swdt.value.Secret;
import io.k8s.sigs.swdt.value.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class EngineTest {

    private static final Session SESSION = new Session("c1", "u", "1", "r", List.of(), "me", 60);
    private static final Step INIT = Step.of(new Change.KubeadmInit(List.of(Map.of())));
    private static final Step TOKEN = Step.of(new Change.Token());
    private static final Step JOIN =
            new Step(
                    new Change.KubeadmJoin(Map.of(), "cp:6443"),
                    List.of(new Step.Link("cp", "join token")));

    @TempDir Path folder;

    private final FakeHost cp = new FakeHost("cp");
    private final FakeHost w1 = new FakeHost("w1");
    private final FakeHost w2 = new FakeHost("w2");
    private final List<RunEvent> events = Collections.synchronizedList(new ArrayList<>());
    private final Cancellation cancellation = new Cancellation();
    private Duration away = Duration.ofSeconds(30);

    private static Step module(String name) {
        return Step.of(new Change.KernelModule(name));
    }

    private static Artifact artifact(String name) {
        return new Artifact(name, "1", "any", "https://example.org/" + name, Sha256.of(name));
    }

    private static Step program(String name) {
        return Step.of(new Change.Program("/" + name, "0755", artifact(name)));
    }

    private List<Engine.LaneResult> run(Map<String, List<Step>> plan) {
        return run(plan, a -> Files.writeString(folder.resolve(a.name()), a.name()));
    }

    private List<Engine.LaneResult> run(Map<String, List<Step>> plan, Engine.Fetcher fetcher) {
        Patience patience = new Patience(Instant.now().plusSeconds(60), away, Duration.ofMillis(1));
        return new Engine(
                        Map.of("cp", cp.remote(), "w1", w1.remote(), "w2", w2.remote()),
                        fetcher,
                        account -> new Secret("token of " + account),
                        patience,
                        cancellation,
                        events::add)
                .run(new Plan(plan), SESSION, RunSecrets.create(Duration.ofMinutes(30)), null);
    }

    private static Map<String, List<Step>> plan(Object... hostsAndSteps) {
        Map<String, List<Step>> plan = new LinkedHashMap<>();
        for (int i = 0; i < hostsAndSteps.length; i += 2) {
            @SuppressWarnings("unchecked")
            List<Step> steps = (List<Step>) hostsAndSteps[i + 1];
            plan.put((String) hostsAndSteps[i], steps);
        }
        return plan;
    }

    private static List<String> phases(List<Engine.LaneResult> results) {
        return results.stream().map(r -> r.host() + " " + r.phase()).toList();
    }

    private List<String> notes() {
        return events.stream()
                .filter(e -> e instanceof RunEvent.Note)
                .map(e -> e.host() + ": " + ((RunEvent.Note) e).text())
                .toList();
    }

    @Nested
    class Lanes {

        @Test
        void wait_for_the_steps_that_theirs_name_and_for_nothing_else() {
            List<Engine.LaneResult> results =
                    run(
                            plan(
                                    "cp",
                                    List.of(module("a"), INIT, TOKEN),
                                    "w1",
                                    List.of(module("b"), JOIN, module("c")),
                                    "w2",
                                    List.of(module("d"))));

            assertThat(phases(results)).containsExactly("cp DONE", "w1 DONE", "w2 DONE");
            assertThat(w1.deeds)
                    .containsExactly(
                            "started module b",
                            "applied module b",
                            "started kubeadm join",
                            "applied kubeadm join",
                            "started module c",
                            "applied module c");
            List<RunEvent> order = List.copyOf(events);
            assertThat(order.indexOf(state("cp", "join token", RunEvent.State.APPLIED)))
                    .isPositive()
                    .isLessThan(order.indexOf(state("w1", "kubeadm join", RunEvent.State.STARTED)));
        }

        @Test
        void learn_the_hash_of_the_ca_from_the_control_plane() {
            run(plan("cp", List.of(INIT, TOKEN), "w1", List.of(JOIN)));

            assertThat(w1.texts)
                    .singleElement()
                    .asString()
                    .contains("\"caCertHashes\":[\"sha256:abc\"]");
        }

        @Test
        void that_fail_stop_those_that_wait_for_them_and_no_others() {
            cp.failing.add("kubeadm init");

            List<Engine.LaneResult> results =
                    run(
                            plan(
                                    "cp",
                                    List.of(INIT, TOKEN),
                                    "w1",
                                    List.of(module("b"), JOIN),
                                    "w2",
                                    List.of(module("c"))));

            assertThat(phases(results)).containsExactly("cp FAILED", "w1 STOPPED", "w2 DONE");
            assertThat(results.getFirst().failure())
                    .isEqualTo(
                            new RunEvent.ChangeFailed(
                                    "cp",
                                    "kubeadm init",
                                    7,
                                    "exit code 7",
                                    "the command",
                                    List.of("last words"),
                                    "/log"));
            assertThat(notes())
                    .containsExactly("w1: waited for join token on cp, which ended without it");
            assertThat(w1.deeds)
                    .contains("applied module b")
                    .doesNotContain("started kubeadm join");
        }
    }

    private static RunEvent state(String host, String key, RunEvent.State state) {
        Duration took = Duration.ofMillis(state == RunEvent.State.STARTED ? 0 : 5);
        return new RunEvent.ChangeState(host, key, state, took, "");
    }

    @Nested
    class Uploads_of_a_lane {

        @Test
        void arrive_while_its_program_runs() {
            List<Engine.LaneResult> results =
                    run(plan("w1", List.of(module("a"), program("x"), program("y"))));

            assertThat(phases(results)).containsExactly("w1 DONE");
            assertThat(w1.deeds)
                    .contains(
                            "upload /var/lib/swdt/files/" + Sha256.of("x").hex(),
                            "applied program /x",
                            "applied program /y");
        }

        @Test
        void that_cannot_be_had_stop_the_lane_with_the_reason() {
            List<Engine.LaneResult> results =
                    run(
                            plan("w1", List.of(program("x"), module("a"))),
                            _ -> {
                                throw new ArtifactException("x is nowhere", "look for it", null);
                            });

            assertThat(phases(results)).containsExactly("w1 FAILED");
            assertThat(results.getFirst().fault()).hasMessage("x is nowhere");
            assertThat(w1.deeds).containsExactly("stop");
        }
    }

    @Nested
    class A_broken_connection {

        @Test
        void is_made_again_and_the_program_followed_from_where_it_was() {
            w1.breaks.addAll(List.of(3, 0, 1));

            List<Engine.LaneResult> results = run(plan("w1", List.of(module("a"), module("b"))));

            assertThat(phases(results)).containsExactly("w1 DONE");
            assertThat(w1.deeds.stream().filter(d -> d.startsWith("follow")))
                    .containsExactly("follow 3", "follow 3", "follow 4");
            assertThat(events.stream().filter(e -> e instanceof RunEvent.ChangeState))
                    .containsExactly(
                            state("w1", "module a", RunEvent.State.STARTED),
                            state("w1", "module a", RunEvent.State.APPLIED),
                            state("w1", "module b", RunEvent.State.STARTED),
                            state("w1", "module b", RunEvent.State.APPLIED));
            assertThat(notes())
                    .contains("w1: the connection broke; waiting for the host to come back");
        }

        @Test
        void is_given_up_after_a_while() {
            away = Duration.ofMillis(20);
            w1.gone = true;

            List<Engine.LaneResult> results = run(plan("w1", List.of(module("a"))));

            assertThat(phases(results)).containsExactly("w1 FAILED");
            assertThat(results.getFirst().fault()).hasMessage("w1 does not answer");
        }
    }

    @Nested
    class A_program {

        @Test
        void that_something_else_ended_is_started_again() {
            w1.ends.addAll(List.of("lost", "gone"));

            assertThat(phases(run(plan("w1", List.of(module("a")))))).containsExactly("w1 DONE");
            assertThat(notes())
                    .containsExactly(
                            "w1: the program on the host was cut off; starting it again (2/3)",
                            "w1: the program on the host was cut off; starting it again (3/3)");
        }

        @Test
        void that_restarts_its_host_is_started_again_after_it() {
            // the first look finds the host as it was
            w1.ends.addAll(List.of("reboot\t1", "reboot\t2"));

            assertThat(phases(run(plan("w1", List.of(module("a")))))).containsExactly("w1 DONE");
            assertThat(notes())
                    .containsExactly(
                            "w1: restarts; waiting for its next start",
                            "w1: restarts; waiting for its next start");
        }

        @Test
        void that_wants_one_restart_after_the_other_is_given_up() {
            w1.ends.addAll(List.of("reboot\t0", "reboot\t0", "reboot\t0"));

            assertThat(run(plan("w1", List.of(module("a")))).getFirst().fault())
                    .hasMessage(
                            "still waits for a restart after 2 of them: look at what is pending there (Windows Update)");
        }

        @Test
        void that_is_always_ended_is_given_up() {
            w1.ends.addAll(List.of("lost", "lost", "lost"));

            List<Engine.LaneResult> results = run(plan("w1", List.of(module("a"))));

            assertThat(results.getFirst().fault())
                    .hasMessage(
                            "the program on the host was ended 3 times by something else than swdt");
        }

        @ParameterizedTest
        @CsvSource({
            "locked, ben@there, is being worked on by ben@there",
            "foreign, c2, belongs to the cluster c2",
            "busy, '', another swdt program runs on it at this moment"
        })
        void is_refused_by_a_host_in_other_hands(String how, String who, String message) {
            w1.ends.add(how + "\t" + who);

            IOException fault = run(plan("w1", List.of(module("a")))).getFirst().fault();

            assertThat(fault).isInstanceOf(HostTakenException.class).hasMessage(message);
        }
    }

    @Test
    void a_wish_to_stop_lets_the_running_change_end_and_wakes_who_waits() {
        cp.endless.add("module slow");
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        FakeHost.await(cp.waiting);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    cancellation.request();
                });

        List<Engine.LaneResult> results =
                run(plan("cp", List.of(module("slow"), INIT, TOKEN), "w1", List.of(JOIN)));

        assertThat(phases(results)).containsExactly("cp STOPPED", "w1 STOPPED");
        assertThat(cp.deeds).containsExactly("started module slow", "stop", "applied module slow");
        assertThat(w1.deeds).isEmpty();
    }
}
