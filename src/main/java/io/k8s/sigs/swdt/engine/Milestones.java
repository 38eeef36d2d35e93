package io.k8s.sigs.swdt.engine;

import io.k8s.sigs.swdt.plan.Plan;
import io.k8s.sigs.swdt.plan.Step;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which steps are done, for lanes that wait for a step of another host. A step that is not in the
 * plan holds already. Thread-safe.
 */
final class Milestones {

    private final Map<Step.Link, CompletableFuture<Void>> open = new ConcurrentHashMap<>();

    Milestones(Plan plan) {
        plan.hosts()
                .forEach((host, steps) ->
                        steps.forEach(s ->
                                open.put(
                                        new Step.Link(host, s.change().key()),
                                        new CompletableFuture<>())));
    }

    /** Completes when the step is done, exceptionally when its host gave up. */
    CompletableFuture<Void> done(Step.Link link) {
        return open.getOrDefault(link, CompletableFuture.completedFuture(null));
    }

    void reached(String host, String key) {
        CompletableFuture<Void> future = open.get(new Step.Link(host, key));
        if (future != null) {
            future.complete(null);
        }
    }

    /** The host's lane ended: what it has not done will not be done. */
    void closed(String host) {
        open.forEach((link, future) -> {
            if (link.host().equals(host)) {
                future.completeExceptionally(new LaneClosed());
            }
        });
    }

    /** Why a wait ended in vain. */
    static final class LaneClosed extends Exception {
        private static final long serialVersionUID = 1L;
    }
}
