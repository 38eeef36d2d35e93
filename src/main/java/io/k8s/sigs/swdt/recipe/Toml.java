package io.k8s.sigs.swdt.recipe;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes maps, lists and scalars as TOML 1.0, the form that containerd's configuration has. */
final class Toml {

    private Toml() {}

    /** The text of a document. Lists of maps become inline tables. */
    static String write(Map<String, Object> document) {
        StringBuilder out = new StringBuilder();
        table(out, "", document);
        return out.toString();
    }

    private static void table(StringBuilder out, String path, Map<?, ?> table) {
        table.forEach((key, value) -> {
            if (!(value instanceof Map)) {
                out.append(key(key)).append(" = ").append(value(value)).append('\n');
            }
        });
        table.forEach((key, value) -> {
            if (value instanceof Map<?, ?> map) {
                String name = path.isEmpty() ? key(key) : path + "." + key(key);
                if (map.isEmpty() || map.values().stream().anyMatch(v -> !(v instanceof Map))) {
                    out.append("\n[").append(name).append("]\n");
                }
                table(out, name, map);
            }
        });
    }

    private static String key(Object key) {
        String text = String.valueOf(key);
        return text.matches("[A-Za-z0-9_-]+") ? text : string(text);
    }

    private static String value(Object value) {
        return switch (value) {
            case Map<?, ?> map ->
                    map.entrySet().stream()
                            .map(e -> key(e.getKey()) + " = " + value(e.getValue()))
                            .collect(Collectors.joining(", ", "{ ", " }"));
            case List<?> list ->
                    list.stream().map(Toml::value).collect(Collectors.joining(", ", "[", "]"));
            case String text -> string(text);
            default -> String.valueOf(value);
        };
    }

    private static String string(String text) {
        StringBuilder out = new StringBuilder("\"");
        text.chars()
                .forEach(c -> {
                    switch (c) {
                        case '"' -> out.append("\\\"");
                        case '\\' -> out.append("\\\\");
                        case '\n' -> out.append("\\n");
                        case '\t' -> out.append("\\t");
                        default -> {
                            if (c < ' ' || c == 127) {
                                out.append(String.format("\\u%04X", c));
                            } else {
                                out.append((char) c);
                            }
                        }
                    }
                });
        return out.append('"').toString();
    }
}
