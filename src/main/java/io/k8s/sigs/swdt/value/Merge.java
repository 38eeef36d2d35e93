package io.k8s.sigs.swdt.value;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Merges a patch into a document, as JSON Merge Patch does (RFC 7396), but for lists of named
 * objects, such as kubeadm's {@code extraArgs}: these are merged by name, as Kubernetes' own
 * strategic merge does it.
 */
public final class Merge {

    private Merge() {}

    /**
     * A new map: maps are merged, lists of named objects by name; other lists and scalars are
     * replaced, and null takes a key away. Neither argument is changed.
     */
    public static Map<String, Object> deep(Map<String, Object> base, Map<String, Object> patch) {
        Map<String, Object> merged = new LinkedHashMap<>(base);
        patch.forEach((key, value) -> {
            if (value == null) {
                merged.remove(key);
            } else if (value instanceof Map<?, ?> map) {
                Map<String, Object> old =
                        merged.get(key) instanceof Map<?, ?> m ? Yaml.map(m) : Map.of();
                merged.put(key, deep(old, Yaml.map(map)));
            } else if (value instanceof List<?> list
                    && merged.get(key) instanceof List<?> old
                    && named(list)
                    && named(old)) {
                merged.put(key, byName(old, list));
            } else {
                merged.put(key, value);
            }
        });
        return merged;
    }

    private static boolean named(List<?> list) {
        return list.stream().allMatch(i -> i instanceof Map<?, ?> m && m.containsKey("name"));
    }

    private static List<Object> byName(List<?> base, List<?> patch) {
        Set<@Nullable Object> names = new HashSet<>();
        patch.forEach(i -> names.add(name(i)));
        List<Object> merged = new ArrayList<>();
        base.stream().filter(i -> !names.contains(name(i))).forEach(merged::add);
        merged.addAll(patch);
        return merged;
    }

    private static @Nullable Object name(Object item) {
        return item instanceof Map<?, ?> map ? map.get("name") : null;
    }
}
