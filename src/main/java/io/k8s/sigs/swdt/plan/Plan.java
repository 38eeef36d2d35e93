package io.k8s.sigs.swdt.plan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All steps of a run, host by host. Pure data.
 *
 * @param hosts steps by node name, in order
 */
public record Plan(Map<String, List<Step>> hosts) {

    public Plan {
        Map<String, List<Step>> copy = new LinkedHashMap<>();
        hosts.forEach((host, steps) -> copy.put(host, List.copyOf(steps)));
        hosts = Collections.unmodifiableMap(copy);
    }

    /** How many steps there are on all hosts. */
    public int size() {
        return hosts.values().stream().mapToInt(List::size).sum();
    }

    /**
     * A host's steps in runs that wait for no other host: each is one program, one round trip. A
     * stretch ends before a step that waits.
     */
    public static List<List<Step>> stretches(List<Step> steps) {
        List<List<Step>> stretches = new ArrayList<>();
        for (Step step : steps) {
            if (stretches.isEmpty() || !step.after().isEmpty()) {
                stretches.add(new ArrayList<>());
            }
            stretches.getLast().add(step);
        }
        return stretches;
    }
}
