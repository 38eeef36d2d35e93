package io.k8s.sigs.swdt.config;

import io.k8s.sigs.swdt.value.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The cluster file's JSON schema (draft 2020-12), from the same table as the checks. */
public final class JsonSchema {

    /** A text with an environment variable in it can be judged only after it is filled in. */
    private static final String VARIABLE = "\\$\\{";

    private JsonSchema() {}

    /** The schema's text, ended by a line feed. */
    public static String generate() {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.put("title", "swdt cluster file");
        schema.put("$ref", "#/$defs/" + Table.root().name());
        Map<String, Object> definitions = new LinkedHashMap<>();
        for (Spec spec : Table.specs()) {
            definitions.put(spec.name(), object(spec));
        }
        schema.put("$defs", definitions);
        return Json.pretty(schema);
    }

    private static Map<String, Object> object(Spec spec) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("description", spec.doc());
        schema.put("type", "object");
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        for (Spec.Field field : spec.fields()) {
            Map<String, Object> property = new LinkedHashMap<>();
            property.put("description", description(field));
            property.putAll(kind(field.kind()));
            properties.put(field.key(), property);
            if (field.required()) {
                required.add(field.key());
            }
        }
        schema.put("properties", properties);
        schema.put("additionalProperties", false);
        if (!required.isEmpty()) {
            schema.put("required", required);
        }
        if (!spec.exactlyOne().isEmpty()) {
            schema.put(
                    "oneOf",
                    spec.exactlyOne().stream().map(k -> Map.of("required", List.of(k))).toList());
        }
        if (!spec.needs().isEmpty()) {
            Map<String, Object> needs = new LinkedHashMap<>();
            spec.needs().forEach((key, other) -> needs.put(key, List.of(other)));
            schema.put("dependentRequired", needs);
        }
        return schema;
    }

    private static String description(Spec.Field field) {
        return field.byDefault().isEmpty()
                ? field.doc()
                : field.doc() + " Default: " + field.byDefault() + ".";
    }

    private static Map<String, Object> kind(Kind kind) {
        return switch (kind) {
            case Kind.Text text -> text(text);
            case Kind.Choice choice ->
                    ordered(
                            "type",
                            "string",
                            "anyOf",
                            List.of(Map.of("enum", choice.words()), Map.of("pattern", VARIABLE)));
            case Kind.Whole whole ->
                    ordered("type", "integer", "minimum", whole.min(), "maximum", whole.max());
            case Kind.Flag _ -> ordered("type", "boolean");
            case Kind.Hidden _ -> reference("secret");
            case Kind.FreeMap _ -> ordered("type", "object");
            case Kind.TextMap map ->
                    ordered(
                            "type",
                            "object",
                            "propertyNames",
                            Map.of("pattern", whole(map.key())),
                            "additionalProperties",
                            text(map.value()));
            case Kind.TextList list -> ordered("type", "array", "items", text(list.item()));
            case Kind.One one -> reference(one.spec());
            case Kind.Many many ->
                    ordered("type", "array", "minItems", 1, "items", reference(many.spec()));
            case Kind.Named named ->
                    ordered(
                            "type",
                            "object",
                            "propertyNames",
                            Map.of("pattern", whole(named.key())),
                            "additionalProperties",
                            reference(named.spec()));
        };
    }

    private static Map<String, Object> text(Kind.Text text) {
        return ordered("type", "string", "pattern", whole(text) + "|" + VARIABLE);
    }

    private static String whole(Kind.Text text) {
        return "^(?:" + text.pattern() + ")$";
    }

    private static Map<String, Object> reference(String spec) {
        return ordered("$ref", "#/$defs/" + spec);
    }

    private static Map<String, Object> ordered(Object... pairs) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put((String) pairs[i], pairs[i + 1]);
        }
        return map;
    }
}
