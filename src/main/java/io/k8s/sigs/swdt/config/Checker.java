package io.k8s.sigs.swdt.config;

import io.k8s.sigs.swdt.value.Yaml;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Checks nodes of YAML against the table and turns them into plain maps, lists and scalars. A value
 * with a mistake is left out, so that one mistake is told once.
 */
final class Checker {

    private final SourceText source;
    private final Map<String, String> env;
    private final Secrets secrets;
    private final Map<String, Optional<Mark>> places = new HashMap<>();
    private final IdentityHashMap<Node, Boolean> above = new IdentityHashMap<>();

    Checker(SourceText source, Map<String, String> env, Secrets secrets) {
        this.source = source;
        this.env = env;
        this.secrets = secrets;
    }

    /** Checks the whole file. */
    Map<String, @Nullable Object> check(Node root) {
        Object tree = value(new Kind.One(Table.root().name()), root, "");
        return Tree.map(java.util.Collections.singletonMap("", tree), "");
    }

    /** Where the value of that path stands, or what is around it where it is not there. */
    Optional<Mark> place(String path) {
        String at = path;
        while (!at.isEmpty() && !places.containsKey(at)) {
            at = at.substring(0, Math.max(0, Math.max(at.lastIndexOf('.'), at.lastIndexOf('['))));
        }
        return places.getOrDefault(at, Optional.empty());
    }

    private @Nullable Object value(Kind kind, Node node, String path) {
        places.put(path, node.getStartMark());
        if (above.put(node, true) != null) {
            wrong(node, label(path) + " contains itself through an alias");
            return null;
        }
        Object result =
                switch (kind) {
                    case Kind.Text text -> text(text, node, path);
                    case Kind.Choice choice -> choice(choice, node, path);
                    case Kind.Whole whole -> whole(whole, node, path);
                    case Kind.Flag _ -> flag(node, path);
                    case Kind.Hidden _ -> hidden(node, path);
                    case Kind.FreeMap _ ->
                            node instanceof MappingNode
                                    ? free(node, path)
                                    : mismatch(node, path, "a map");
                    case Kind.TextMap map -> named(map.key(), map.value(), node, path);
                    case Kind.TextList list -> list(list.item(), node, path);
                    case Kind.One one -> object(Table.spec(one.spec()), node, path);
                    case Kind.Many many -> many(many, node, path);
                    case Kind.Named named ->
                            named(named.key(), new Kind.One(named.spec()), node, path);
                };
        above.remove(node);
        return result;
    }

    private @Nullable Object object(Spec spec, Node node, String path) {
        Map<String, Node> found = entries(node, path, spec);
        if (found == null) {
            return null;
        }
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        for (Spec.Field field : spec.fields()) {
            Node value = found.get(field.key());
            String at = path.isEmpty() ? field.key() : path + "." + field.key();
            if (value != null) {
                Object checked = value(field.kind(), value, at);
                if (checked != null) {
                    result.put(field.key(), checked);
                }
            } else if (field.required()) {
                wrong(
                        node,
                        "missing key '" + field.key() + "' in " + label(path) + ": " + field.doc());
            }
        }
        List<String> one = spec.exactlyOne();
        if (!one.isEmpty() && one.stream().filter(found::containsKey).count() != 1) {
            wrong(node, label(path) + " needs exactly one of the keys " + String.join(", ", one));
        }
        spec.needs()
                .forEach((key, other) -> {
                    if (found.containsKey(key) && !found.containsKey(other)) {
                        wrong(
                                node,
                                "'"
                                        + key
                                        + "' in "
                                        + label(path)
                                        + " needs '"
                                        + other
                                        + "' beside it");
                    }
                });
        return result;
    }

    /**
     * The values by key; duplicate keys are told, and unknown ones if there is a spec.
     *
     * @return null, and the mistake told, if the node is no map
     */
    private @Nullable Map<String, Node> entries(Node node, String path, @Nullable Spec spec) {
        if (!(node instanceof MappingNode mapping)) {
            mismatch(node, path, "a map");
            return null;
        }
        Map<String, Node> found = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            Node keyNode = tuple.getKeyNode();
            if (!(keyNode instanceof ScalarNode scalar)) {
                wrong(keyNode, "a key in " + label(path) + " is not text");
                continue;
            }
            String key = scalar.getValue();
            if (spec != null) {
                Spec.Field field = spec.field(key);
                String near = field != null ? key : Texts.nearest(key, spec.keys());
                Spec.Field meant = near == null ? null : spec.field(near);
                if (meant != null
                        && meant.kind() instanceof Kind.Hidden
                        && !(tuple.getValueNode() instanceof MappingNode)) {
                    source.cover(tuple.getValueNode());
                }
                if (field == null && spec.name().equals("secret")) {
                    // {value: ...} is an attempt to write the secret itself.
                    source.cover(tuple.getValueNode());
                }
                if (field == null) {
                    wrong(
                            keyNode,
                            "unknown key '"
                                    + key
                                    + "' in "
                                    + label(path)
                                    + "; "
                                    + (near == null
                                            ? "known are " + String.join(", ", spec.keys())
                                            : "did you mean '" + near + "'?"));
                    continue;
                }
            }
            if (found.putIfAbsent(key, tuple.getValueNode()) != null) {
                wrong(keyNode, "duplicate key '" + key + "' in " + label(path));
            }
        }
        return found;
    }

    private @Nullable Object many(Kind.Many many, Node node, String path) {
        if (node instanceof SequenceNode sequence && sequence.getValue().isEmpty()) {
            wrong(node, label(path) + " must not be empty");
            return null;
        }
        return list(new Kind.One(many.spec()), node, path);
    }

    private @Nullable Object list(Kind item, Node node, String path) {
        if (!(node instanceof SequenceNode sequence)) {
            return mismatch(node, path, "a list");
        }
        List<Object> result = new ArrayList<>();
        for (int i = 0; i < sequence.getValue().size(); i++) {
            Object checked = value(item, sequence.getValue().get(i), path + "[" + i + "]");
            // An item with a mistake keeps its number for the messages that follow.
            result.add(checked == null ? Map.of() : checked);
        }
        return result;
    }

    private @Nullable Object named(Kind.Text keyForm, Kind kind, Node node, String path) {
        Map<String, Node> found = entries(node, path, null);
        if (found == null) {
            return null;
        }
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        found.forEach((key, value) -> {
            if (!key.matches(keyForm.pattern())) {
                wrong(value, "key '" + key + "' in " + label(path) + " is not " + keyForm.form());
            }
            Object checked = value(kind, value, path + "." + key);
            if (checked != null) {
                result.put(key, checked);
            }
        });
        return result;
    }

    private @Nullable Object free(Node node, String path) {
        if (node instanceof MappingNode) {
            Map<String, Node> found = entries(node, path, null);
            Map<String, @Nullable Object> result = new LinkedHashMap<>();
            if (found != null) {
                found.forEach((key, value) -> result.put(key, value(value, path + "." + key)));
            }
            return result;
        }
        if (node instanceof SequenceNode sequence) {
            List<@Nullable Object> result = new ArrayList<>();
            for (int i = 0; i < sequence.getValue().size(); i++) {
                result.add(value(sequence.getValue().get(i), path + "[" + i + "]"));
            }
            return result;
        }
        Object scalar = node instanceof ScalarNode s ? Yaml.scalar(s) : null;
        return scalar instanceof String text ? expand(text, node) : scalar;
    }

    /** A value within a map of anything. */
    private @Nullable Object value(Node node, String path) {
        if (above.put(node, true) != null) {
            wrong(node, label(path) + " contains itself through an alias");
            return null;
        }
        Object result = free(node, path);
        above.remove(node);
        return result;
    }

    private @Nullable Object text(Kind.Text kind, Node node, String path) {
        String text = plainText(node, path);
        if (text == null || text.matches(kind.pattern())) {
            return text;
        }
        wrong(node, label(path) + " must be " + kind.form() + ", not '" + raw(node) + "'");
        return null;
    }

    private @Nullable Object choice(Kind.Choice kind, Node node, String path) {
        String text = plainText(node, path);
        if (text == null || kind.words().contains(text)) {
            return text;
        }
        String near = Texts.nearest(text, kind.words());
        String hint =
                near != null && kind.words().size() > 1 ? "; did you mean '" + near + "'?" : "";
        wrong(
                node,
                label(path)
                        + " must be "
                        + String.join(" or ", kind.words())
                        + ", not '"
                        + raw(node)
                        + "'"
                        + hint);
        return null;
    }

    private @Nullable Object whole(Kind.Whole kind, Node node, String path) {
        String form = "a whole number from " + kind.min() + " to " + kind.max();
        if (!(node instanceof ScalarNode scalar) || !node.getTag().equals(Tag.INT)) {
            return mismatch(node, path, form);
        }
        if (Yaml.scalar(scalar) instanceof Integer number
                && number >= kind.min()
                && number <= kind.max()) {
            return number;
        }
        wrong(node, label(path) + " must be " + form + ", not " + raw(node));
        return null;
    }

    private @Nullable Object flag(Node node, String path) {
        return node instanceof ScalarNode scalar && node.getTag().equals(Tag.BOOL)
                ? Yaml.scalar(scalar)
                : mismatch(node, path, "true or false");
    }

    private @Nullable Object hidden(Node node, String path) {
        if (!(node instanceof MappingNode)) {
            source.cover(node);
            wrong(
                    node,
                    label(path)
                            + " is a secret and must not stand in the file: write {env: NAME} for an"
                            + " environment variable or {file: PATH} for the first line of a file");
            return null;
        }
        int before = source.count();
        Object reference = object(Table.spec("secret"), node, path);
        if (reference == null || source.count() > before) {
            return null;
        }
        try {
            secrets.read(Tree.map(Map.of("", reference), ""));
        } catch (IllegalArgumentException e) {
            wrong(node, label(path) + ": " + e.getMessage());
        }
        return reference;
    }

    /** The text with variables filled in, or null with the mistake told. */
    private @Nullable String plainText(Node node, String path) {
        if (!(node instanceof ScalarNode scalar)) {
            return (String) mismatch(node, path, "text");
        }
        if (!(Yaml.scalar(scalar) instanceof String text)) {
            boolean empty = node.getTag().equals(Tag.NULL);
            return (String) mismatch(node, path, empty ? "text" : "text in quotes");
        }
        return expand(text, node);
    }

    /** Null, and the mistakes told, if a variable is not set. */
    private @Nullable String expand(String text, Node node) {
        List<String> mistakes = new ArrayList<>();
        String expanded = Texts.expand(text, env, mistakes::add);
        mistakes.forEach(m -> wrong(node, m));
        return mistakes.isEmpty() ? expanded : null;
    }

    private @Nullable Object mismatch(Node node, String path, String wanted) {
        wrong(node, label(path) + " must be " + wanted + ", not " + typeOf(node));
        return null;
    }

    private static String typeOf(Node node) {
        return switch (node) {
            case MappingNode _ -> "a map";
            case SequenceNode _ -> "a list";
            case ScalarNode s when s.getTag().equals(Tag.NULL) -> "empty";
            case ScalarNode s when s.getTag().equals(Tag.BOOL) -> "the truth value " + s.getValue();
            case ScalarNode s when Set.of(Tag.INT, Tag.FLOAT).contains(s.getTag()) ->
                    "the number " + s.getValue();
            default -> "text";
        };
    }

    /** A scalar as the file has it: a variable's value may be nothing to show. */
    private static String raw(Node node) {
        return node instanceof ScalarNode scalar ? scalar.getValue() : "";
    }

    private static String label(String path) {
        return path.isEmpty() ? "the file" : path;
    }

    private void wrong(Node node, String message) {
        source.problem(node.getStartMark(), message);
    }
}
