package io.k8s.sigs.swdt.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The checks of a running cluster, with a stand-in for kubectl: those of Windows nodes, whose pods
 * no lab host can run. On real clusters the checks of Linux nodes run.
 */
@ParameterizedClass(allowZeroInvocations = true)
@MethodSource("io.k8s.sigs.swdt.agent.ScriptHost#shells")
class ClusterChecksTest {

    // one Linux node l1, one Windows node w1; what is asked for is noted
    private static final String CLUSTER =
            """
            echo "$*" >> FOLDER/asked
            case $* in
                *'get daemonsets -A'*) printf 'kube-flannel/kube-flannel-ds ' ;;
                *'get nodes --no-headers'* | *'get pods -A --no-headers'*) printf 'one\ntwo\n' ;;
                *'get nodes -l kubernetes.io/os=windows'*addresses*) printf 10.0.0.3 ;;
                *'get nodes -l kubernetes.io/os=windows'*) cat FOLDER/windows ;;
                *'get endpointslices'*) printf 10.0.0.1:6443 ;;
                *'get pods -l app=echo-windows --no-headers'*) printf 'winpod 0/1 ContainerCreating 0 9s <none> w1 <none> <none>\n' ;;
                *'get pods -l app=echo-windows'*) printf 'winpod 10.244.1.5\n' ;;
                *'get pods -l app=echo'*) printf 'pod 10.244.0.5\n' ;;
                *'get service echo-windows'*nodePort*) printf 30123 ;;
                *'get service echo-windows'*) printf 10.96.0.77 ;;
                *'get service echo'*) printf 10.96.0.66 ;;
                *'get events'*involvedObject.name=winpod*) cat FOLDER/events ;;
                *'rollout status daemonset/echo-windows'*) cat FOLDER/rollout; [ ! -s FOLDER/rollout ] ;;
                *' logs '*) echo started ;;
            esac
            """;

    @TempDir Path temporary;

    private final String shell;
    private ScriptHost host;

    ClusterChecksTest(String shell) {
        this.shell = shell;
    }

    @BeforeEach
    void a_cluster() throws IOException {
        host = new ScriptHost(Files.createDirectory(temporary.resolve("host")), shell);
        Files.writeString(temporary.resolve("windows"), "w1 False\n");
        Files.writeString(temporary.resolve("rollout"), "");
        Files.writeString(temporary.resolve("events"), "");
    }

    private List<String> verdicts() {
        return host.test("agnhost:1", CLUSTER.replace("FOLDER", temporary.toString())).stream()
                .filter(AgentEvent.Verdict.class::isInstance)
                .map(AgentEvent.Verdict.class::cast)
                .map(v -> v.check() + " " + v.result() + ": " + v.detail().strip())
                .toList();
    }

    @Test
    void windows_pods_are_reached_from_all_sides_and_reach_all() throws IOException {
        assertThat(verdicts())
                .containsExactly(
                        "nodes ready passed: 2 nodes",
                        "system pods passed: 2 pods",
                        "test pods passed: ",
                        "pod to pod passed: 1 pod, to itself",
                        "service address passed: 10.96.0.66:80",
                        "service name (DNS) passed: echo.swdt-test.svc.cluster.local:80",
                        "egress passed: 10.0.0.1:6443",
                        "logs passed: of pod",
                        "exec passed: in pod",
                        "windows pods running: the first pull of their image takes minutes",
                        "windows pods passed: ",
                        "linux to windows passed: from pod",
                        "windows to linux passed: 10.244.0.5:8080",
                        "windows to service passed: 10.96.0.66:80",
                        "windows to service name (DNS) passed: echo.swdt-test.svc.cluster.local:80",
                        "windows egress passed: 10.0.0.1:6443",
                        "windows service passed: 10.96.0.77:80",
                        "windows node port passed: 10.0.0.3:30123",
                        "windows logs passed: of winpod");
        assertThat(Files.readAllLines(temporary.resolve("asked")))
                .contains(
                        "-n swdt-test exec winpod -- /agnhost connect 10.0.0.1:6443 --timeout=5s",
                        "-n swdt-test exec pod -- /agnhost connect 10.244.1.5:8080 --timeout=5s",
                        "-n swdt-test exec pod -- /agnhost connect 10.0.0.3:30123 --timeout=5s")
                .endsWith("delete namespace swdt-test --timeout=60s");
    }

    @Test
    void windows_pods_that_get_no_sandbox_fail_soon_with_the_reason_and_end_the_checks_of_windows()
            throws IOException {
        Files.writeString(temporary.resolve("rollout"), "0 of 1 updated pods are available\n");
        Files.writeString(
                temporary.resolve("events"),
                "3;;no network namespace: a\n;5;no network namespace: b\nits second line\n");

        assertThat(verdicts())
                .endsWith("windows pods failed: winpod on w1: no network namespace: b")
                .noneMatch(v -> v.startsWith("windows logs"));
    }

    @Test
    void windows_nodes_without_a_pod_network_are_named_and_nothing_is_run_on_them()
            throws IOException {
        Files.writeString(temporary.resolve("windows"), "w1 False\nw2\nw3 True\n");

        assertThat(verdicts())
                .endsWith(
                        "windows pods not run: flannel has no network on w2 w3: look there at C:\\var\\log\\flanneld");
    }

    @Test
    void clusters_without_windows_nodes_have_no_such_checks() throws IOException {
        Files.writeString(temporary.resolve("windows"), "");

        assertThat(verdicts()).hasSize(9).noneMatch(v -> v.contains("windows"));
    }
}
