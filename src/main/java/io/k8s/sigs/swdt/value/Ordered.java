package io.k8s.sigs.swdt.value;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Maps that keep the order in which they were written. The order of {@link Map#of} differs from one
 * JVM to the next, and with it every digest of a document that is made of it.
 */
public final class Ordered {

    private Ordered() {}

    /** One entry. */
    public static Map<String, Object> map(String key, Object value) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(key, value);
        return map;
    }

    /** Two entries. */
    public static Map<String, Object> map(String key, Object value, String key2, Object value2) {
        Map<String, Object> map = map(key, value);
        map.put(key2, value2);
        return map;
    }

    /** Three entries. */
    public static Map<String, Object> map(
            String key, Object value, String key2, Object value2, String key3, Object value3) {
        Map<String, Object> map = map(key, value, key2, value2);
        map.put(key3, value3);
        return map;
    }
}
