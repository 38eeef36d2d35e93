package io.k8s.sigs.swdt.value;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * YAML 1.2 (core schema), and so JSON as well, as plain maps, lists and scalars: {@link Map} with
 * text keys in the document's order, {@link List}, {@link String}, {@link Boolean}, {@link
 * Integer}, {@link Long}, {@link BigInteger}, {@link Double} or null.
 */
public final class Yaml {

    /** Answers of {@code kubectl get -o json} on large clusters go beyond the library's 3 MiB. */
    private static final int CODE_POINT_LIMIT = 64 << 20;

    private Yaml() {}

    /** How documents are read; the label is the name that the library's messages carry. */
    public static LoadSettings settings(String label) {
        return LoadSettings.builder()
                .setLabel(label)
                .setSchema(new CoreSchema())
                .setCodePointLimit(CODE_POINT_LIMIT)
                .build();
    }

    /**
     * @param text one YAML or JSON document
     * @return its content; null for an empty document or a lone {@code null}
     * @throws IllegalArgumentException with the line and the cause, if it is no such document or
     *     has one key twice
     */
    public static @Nullable Object parse(String text) {
        Node root;
        try {
            root = new Compose(settings("text")).composeString(text).orElse(null);
        } catch (YamlEngineException e) {
            throw new IllegalArgumentException("not YAML or JSON: " + e.getMessage(), e);
        }
        return root == null ? null : plain(root, new IdentityHashMap<>());
    }

    /**
     * @param text a stream of YAML documents
     * @return the content of each that is not empty
     * @throws IllegalArgumentException as for {@link #parse}
     */
    public static List<Object> parseAll(String text) {
        List<Object> documents = new ArrayList<>();
        try {
            for (Node root : new Compose(settings("text")).composeAllFromString(text)) {
                Object document = plain(root, new IdentityHashMap<>());
                if (document != null) {
                    documents.add(document);
                }
            }
        } catch (YamlEngineException e) {
            throw new IllegalArgumentException("not YAML or JSON: " + e.getMessage(), e);
        }
        return documents;
    }

    /**
     * @param text one document that is a map
     * @throws IllegalArgumentException if it is anything else
     */
    public static Map<String, Object> map(String text) {
        if (parse(text) instanceof Map<?, ?> map) {
            return map(map);
        }
        throw new IllegalArgumentException("the document is not a map");
    }

    /** A new map with the same entries, keys as text; for maps that a document holds. */
    public static Map<String, Object> map(Map<?, ?> map) {
        Map<String, Object> copy = new LinkedHashMap<>();
        map.forEach((key, value) -> copy.put(String.valueOf(key), value));
        return copy;
    }

    /**
     * What a scalar stands for by its tag.
     *
     * @return text, a boolean, a number or null
     */
    public static @Nullable Object scalar(ScalarNode node) {
        String text = node.getValue();
        Tag tag = node.getTag();
        if (tag.equals(Tag.NULL)) {
            return null;
        }
        if (tag.equals(Tag.BOOL)) {
            return text.equalsIgnoreCase("true");
        }
        if (tag.equals(Tag.INT)) {
            return integer(text);
        }
        return tag.equals(Tag.FLOAT) ? (Object) floating(text) : text;
    }

    /**
     * The content as YAML in block style, ended by a line feed. Text that any reader, also one of
     * YAML 1.1 as Kubernetes uses, could take for something else is quoted.
     *
     * @throws IllegalArgumentException if there is anything in it but maps, lists and scalars
     */
    public static String write(@Nullable Object value) {
        return new YamlWriter().write(value);
    }

    private static @Nullable Object plain(Node node, IdentityHashMap<Node, Boolean> above) {
        if (node instanceof ScalarNode scalar) {
            return scalar(scalar);
        }
        if (above.put(node, true) != null) {
            throw new IllegalArgumentException("not YAML or JSON: an alias contains itself");
        }
        Object result;
        if (node instanceof MappingNode mapping) {
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            for (NodeTuple tuple : mapping.getValue()) {
                if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                    throw new IllegalArgumentException("not YAML or JSON: a key that is no text");
                }
                if (map.containsKey(key.getValue())) {
                    throw new IllegalArgumentException(
                            "not YAML or JSON: key '" + key.getValue() + "' is there twice");
                }
                map.put(key.getValue(), plain(tuple.getValueNode(), above));
            }
            result = map;
        } else if (node instanceof SequenceNode sequence) {
            List<@Nullable Object> list = new ArrayList<>();
            for (Node item : sequence.getValue()) {
                list.add(plain(item, above));
            }
            result = list;
        } else {
            throw new IllegalArgumentException("not YAML or JSON: " + node.getNodeType());
        }
        above.remove(node);
        return result;
    }

    private static Object integer(String text) {
        BigInteger number =
                text.startsWith("0x")
                        ? new BigInteger(text.substring(2), 16)
                        : text.startsWith("0o")
                                ? new BigInteger(text.substring(2), 8)
                                : new BigInteger(text.startsWith("+") ? text.substring(1) : text);
        if (number.bitLength() < 32) {
            return number.intValue();
        }
        return number.bitLength() < 64 ? (Object) number.longValue() : number;
    }

    private static Double floating(String text) {
        String lower = text.toLowerCase(java.util.Locale.ROOT);
        if (lower.endsWith(".nan")) {
            return Double.NaN;
        }
        if (lower.endsWith(".inf")) {
            return lower.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        return Double.valueOf(text);
    }
}
