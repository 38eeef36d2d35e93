package io.k8s.sigs.swdt.value;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Laying a user's settings over ours, as JSON Merge Patch does (RFC 7396). */
public final class Merge {

    private Merge() {}

    /**
     * The base with the patch over it: maps are merged key by key, lists and scalars replaced, a
     * null in the patch removes the key. Neither argument is changed.
     *
     * @return a new map: the base's keys in their order, then the new ones
     */
    public static Map<String, @Nullable Object> deep(
            Map<String, ? extends @Nullable Object> base,
            Map<String, ? extends @Nullable Object> patch) {
        Map<String, @Nullable Object> result = new LinkedHashMap<>(base);
        patch.forEach((key, value) -> {
            if (value == null) {
                result.remove(key);
            } else if (value instanceof Map<?, ?> inner) {
                result.put(key, deep(asMap(result.get(key)), asMap(inner)));
            } else {
                result.put(key, value);
            }
        });
        return result;
    }

    /** A map as it is; anything else is replaced, so it counts as empty. */
    @SuppressWarnings("unchecked") // every map of YAML and JSON here has text keys
    private static Map<String, @Nullable Object> asMap(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? (Map<String, @Nullable Object>) map : Map.of();
    }
}
