package io.k8s.sigs.swdt.config;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one kind of map in the cluster file.
 *
 * @param name unique within the table
 * @param doc one sentence: what the map describes
 * @param fields its keys in the order in which they are shown
 * @param exactlyOne keys of which exactly one must be there; empty: no such rule
 * @param needs key to the key that must be there with it
 */
record Spec(
        String name,
        String doc,
        List<Field> fields,
        List<String> exactlyOne,
        Map<String, String> needs) {

    /**
     * One key.
     *
     * @param key its name
     * @param kind what its value may be
     * @param required whether it must be there
     * @param byDefault what holds when it is not there, in words; empty: nothing
     * @param doc one sentence
     */
    record Field(String key, Kind kind, boolean required, String byDefault, String doc) {}

    /** The field of that key, or null. */
    @Nullable Field field(String key) {
        for (Field field : fields) {
            if (field.key().equals(key)) {
                return field;
            }
        }
        return null;
    }

    /** All keys. */
    List<String> keys() {
        return fields.stream().map(Field::key).toList();
    }
}
