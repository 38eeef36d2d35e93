package io.k8s.sigs.swdt.value;

import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON text of maps, lists and scalars; {@link Yaml#parse} reads it back. */
public final class Json {

    private Json() {}

    /**
     * On one line, without spaces.
     *
     * @throws IllegalArgumentException if there is anything in it but maps, lists and scalars, or a
     *     number that JSON does not have
     */
    public static String write(@Nullable Object value) {
        StringBuilder out = new StringBuilder();
        append(out, value, -1);
        return out.toString();
    }

    /**
     * On many lines, indented by two spaces, ended by a line feed.
     *
     * @throws IllegalArgumentException as {@link #write}
     */
    public static String pretty(@Nullable Object value) {
        StringBuilder out = new StringBuilder();
        append(out, value, 0);
        return out.append('\n').toString();
    }

    /** Indent -1: all on one line. */
    private static void append(StringBuilder out, @Nullable Object value, int indent) {
        switch (value) {
            case null -> out.append("null");
            case Boolean flag -> out.append(flag);
            case Number number -> {
                if (!Double.isFinite(number.doubleValue())
                        && !(number instanceof java.math.BigInteger)) {
                    throw new IllegalArgumentException("JSON has no number " + number);
                }
                out.append(number);
            }
            case CharSequence text -> quote(out, text);
            case Map<?, ?> map -> {
                out.append('{');
                Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator();
                while (entries.hasNext()) {
                    Map.Entry<?, ?> entry = entries.next();
                    newline(out, indent, 2);
                    quote(out, String.valueOf(entry.getKey()));
                    out.append(indent < 0 ? ":" : ": ");
                    append(out, entry.getValue(), indent < 0 ? -1 : indent + 2);
                    out.append(entries.hasNext() ? "," : "");
                }
                newline(out, map.isEmpty() ? -1 : indent, 0);
                out.append('}');
            }
            case Collection<?> list -> {
                out.append('[');
                Iterator<?> items = list.iterator();
                while (items.hasNext()) {
                    newline(out, indent, 2);
                    append(out, items.next(), indent < 0 ? -1 : indent + 2);
                    out.append(items.hasNext() ? "," : "");
                }
                newline(out, list.isEmpty() ? -1 : indent, 0);
                out.append(']');
            }
            default ->
                    throw new IllegalArgumentException(
                            "JSON has no " + value.getClass().getSimpleName());
        }
    }

    private static void newline(StringBuilder out, int indent, int more) {
        if (indent >= 0) {
            out.append('\n').repeat(" ", indent + more);
        }
    }

    private static void quote(StringBuilder out, CharSequence text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    // YAML takes U+0085, U+2028 and U+2029 for line ends, so they are escaped too.
                    if (c < ' '
                            || (c >= 0x7f && c < 0xa0)
                            || c == 0x2028
                            || c == 0x2029
                            || c == 0xfeff) {
                        out.append("\\u").append(java.util.HexFormat.of().toHexDigits(c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
