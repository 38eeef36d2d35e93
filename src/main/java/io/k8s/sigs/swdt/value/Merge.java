package io.k8s.sigs.swdt.value;

import java.util.LinkedHashMap;
import java.util.Map;

/** Merges a patch into a document, as JSON Merge Patch does (RFC 7396). */
public final class Merge {

    private Merge() {}

    /**
     * A new map: maps are merged, lists and scalars replaced, null takes a key away. Neither
     * argument is changed.
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
            } else {
                merged.put(key, value);
            }
        });
        return merged;
    }
}
