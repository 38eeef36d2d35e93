package io.k8s.sigs.swdt.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class KubeObjectsTest {

    @Test
    void nodes_have_their_state_role_and_address() {
        assertThat(
                        KubeObjects.nodes(
                                """
                                {"items": [
                                  {"metadata": {"name": "cp1", "labels": {"node-role.kubernetes.io/control-plane": ""}},
                                   "spec": {},
                                   "status": {"conditions": [{"type": "MemoryPressure", "status": "False"}, {"type": "Ready", "status": "True"}],
                                     "addresses": [{"type": "Hostname", "address": "cp1"}, {"type": "InternalIP", "address": "10.0.0.1"}],
                                     "nodeInfo": {"kubeletVersion": "v1.36.4", "osImage": "Debian", "containerRuntimeVersion": "containerd://2.3.4"}}},
                                  {"metadata": {"name": "w1"}, "spec": {"unschedulable": true},
                                   "status": {"conditions": [{"type": "Ready", "status": "Unknown"}]}},
                                  {"metadata": {"name": "w2"}}
                                ]}\
                                """))
                .containsExactly(
                        List.of(
                                "cp1",
                                "Ready",
                                "control-plane",
                                "v1.36.4",
                                "10.0.0.1",
                                "Debian",
                                "containerd://2.3.4"),
                        List.of("w1", "NotReady,SchedulingDisabled", "worker", "", "", "", ""),
                        List.of("w2", "Unknown", "worker", "", "", "", ""));
    }

    @Test
    void pods_tell_what_their_containers_wait_for() {
        assertThat(
                        KubeObjects.pods(
                                """
                                {"items": [
                                  {"metadata": {"namespace": "a", "name": "p1"}, "spec": {"nodeName": "w1", "containers": [{}, {}]},
                                   "status": {"phase": "Running", "podIP": "10.244.1.2", "containerStatuses": [
                                     {"ready": true, "restartCount": 2, "state": {"running": {}}},
                                     {"ready": false, "restartCount": 3, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}},
                                  {"metadata": {"namespace": "a", "name": "p2"}, "spec": {"containers": [{}]}, "status": {"phase": "Pending"}}
                                ]}\
                                """))
                .containsExactly(
                        List.of("a", "p1", "1/2", "CrashLoopBackOff", "5", "10.244.1.2", "w1"),
                        List.of("a", "p2", "0/1", "Pending", "0", "", ""));
    }

    @Test
    void the_same_document_is_had_as_yaml() {
        assertThat(KubeObjects.yaml("{\"items\": [{\"a\": 1}]}")).isEqualTo("items:\n  - a: 1\n");
    }
}
