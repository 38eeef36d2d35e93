package io.k8s.sigs.swdt.config;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reading the tree of a file whose types have been checked. */
final class Tree {

    private Tree() {}

    /** The map under that key, empty if there is none. */
    @SuppressWarnings("unchecked") // the checks let no other type through
    static Map<String, @Nullable Object> map(Map<String, @Nullable Object> tree, String key) {
        Object value = tree.get(key);
        return value == null ? Map.of() : (Map<String, @Nullable Object>) value;
    }

    /** The list of maps under that key, empty if there is none. */
    @SuppressWarnings("unchecked") // the checks let no other type through
    static List<Map<String, @Nullable Object>> maps(
            Map<String, @Nullable Object> tree, String key) {
        Object value = tree.get(key);
        return value == null ? List.of() : (List<Map<String, @Nullable Object>>) value;
    }

    /** The list of texts under that key, empty if there is none. */
    @SuppressWarnings("unchecked") // the checks let no other type through
    static List<String> texts(Map<String, @Nullable Object> tree, String key) {
        Object value = tree.get(key);
        return value == null ? List.of() : (List<String>) value;
    }

    /** The text under that key, or null. */
    static @Nullable String textOrNull(Map<String, @Nullable Object> tree, String key) {
        return (String) tree.get(key);
    }

    /** The text under that key, which is there. */
    static String text(Map<String, @Nullable Object> tree, String key) {
        return Objects.requireNonNull(textOrNull(tree, key), key);
    }
}
