package io.k8s.sigs.swdt.value;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/** YAML 1.2 (and so JSON) as maps, lists and scalars. */
public final class Yaml {

    // answers of kubectl for large clusters are long
    private static final int MAX_CODE_POINTS = 64 << 20;

    private Yaml() {}

    /**
     * One document; null for an empty one.
     *
     * @throws org.snakeyaml.engine.v2.exceptions.YamlEngineException if it is not YAML
     */
    public static @Nullable Object parse(String text) {
        return new Load(settings()).loadFromString(text);
    }

    /** All documents of a stream. */
    public static List<Object> parseAll(String text) {
        List<Object> documents = new ArrayList<>();
        for (Object document : new Load(settings()).loadAllFromString(text)) {
            if (document != null) {
                documents.add(document);
            }
        }
        return documents;
    }

    /**
     * One document that is a map.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public static Map<String, Object> map(String text) {
        if (parse(text) instanceof Map<?, ?> map) {
            return map(map);
        }
        throw new IllegalArgumentException("the document is not a map");
    }

    /** The map with its keys as text, in the same order. */
    public static Map<String, Object> map(Map<?, ?> map) {
        Map<String, Object> copy = new LinkedHashMap<>();
        map.forEach((key, value) -> copy.put(String.valueOf(key), value));
        return copy;
    }

    /** A document in block style, ending with a line feed. */
    public static String write(Object value) {
        return new Dump(
                        DumpSettings.builder()
                                .setDefaultFlowStyle(FlowStyle.BLOCK)
                                .setIndent(2)
                                .setIndicatorIndent(0)
                                .setWidth(120)
                                .build())
                .dumpToString(value);
    }

    private static LoadSettings settings() {
        return LoadSettings.builder().setCodePointLimit(MAX_CODE_POINTS).build();
    }
}
