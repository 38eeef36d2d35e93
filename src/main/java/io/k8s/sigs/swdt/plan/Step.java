package io.k8s.sigs.swdt.plan;

import java.util.List;

/**
 * A change in the order of its host.
 *
 * @param change what
 * @param after changes of other hosts that must be done first; empty where it waits for nothing but
 *     the steps before it on its host
 */
public record Step(Change change, List<Link> after) {

    public Step {
        after = List.copyOf(after);
    }

    /** A step that waits for no other host. */
    public static Step of(Change change) {
        return new Step(change, List.of());
    }

    /**
     * A change on another host.
     *
     * @param host its node's name
     * @param key the change's key
     */
    public record Link(String host, String key) {}
}
