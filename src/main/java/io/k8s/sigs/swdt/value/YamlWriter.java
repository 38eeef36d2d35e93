package io.k8s.sigs.swdt.value;

import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One writing of {@link Yaml#write}. */
final class YamlWriter {

    /** Words that YAML 1.1 or 1.2 reads as a boolean or null, in any case. */
    private static final Set<String> WORDS =
            Set.of("true", "false", "null", "yes", "no", "on", "off", "y", "n");

    private final StringBuilder out = new StringBuilder();

    String write(@Nullable Object value) {
        if (isBlock(value)) {
            block(value, 0, false);
        } else {
            out.append(leaf(value)).append('\n');
        }
        return out.toString();
    }

    /** Writes a map or list that is not empty; {@code inline}: the first line has begun. */
    private void block(@Nullable Object value, int indent, boolean inline) {
        boolean first = inline;
        if (value instanceof Map<?, ?> map) {
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                out.repeat(" ", first ? 0 : indent).append(text(String.valueOf(entry.getKey())));
                out.append(':');
                first = false;
                if (isBlock(entry.getValue())) {
                    out.append('\n');
                    block(entry.getValue(), indent + 2, false);
                } else {
                    out.append(' ').append(leaf(entry.getValue())).append('\n');
                }
            }
        } else if (value instanceof Collection<?> list) {
            for (Object item : list) {
                out.repeat(" ", first ? 0 : indent).append("- ");
                first = false;
                if (isBlock(item)) {
                    block(item, indent + 2, true);
                } else {
                    out.append(leaf(item)).append('\n');
                }
            }
        }
    }

    private static boolean isBlock(@Nullable Object value) {
        return (value instanceof Map<?, ?> map && !map.isEmpty())
                || (value instanceof Collection<?> list && !list.isEmpty());
    }

    private static String leaf(@Nullable Object value) {
        if (value instanceof CharSequence) {
            return text(value.toString());
        }
        if (value instanceof Double number && (number.isNaN() || number.isInfinite())) {
            return number.isNaN() ? ".nan" : number > 0 ? ".inf" : "-.inf";
        }
        return Json.write(value);
    }

    /** The text plain where no reader can mistake it, else in double quotes as JSON has it. */
    private static String text(String text) {
        return isPlain(text) ? text : Json.write(text);
    }

    private static boolean isPlain(String text) {
        if (text.isEmpty() || WORDS.contains(text.toLowerCase(Locale.ROOT))) {
            return false;
        }
        char start = text.charAt(0);
        int dots = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            char next = i + 1 < text.length() ? text.charAt(i + 1) : ' ';
            dots += c == '.' ? 1 : 0;
            boolean good = isAlphanumeric(c) || "._/@=+-".indexOf(c) >= 0;
            good |= (c == ':' || c == ' ') && next != ' ';
            // Only a leading "~/" is a path; a lone "~" is null.
            good |= c == '~' && i == 0 && next == '/';
            if (!good) {
                return false;
            }
        }
        if (start >= '0' && start <= '9') {
            // 1.36.4 and 10.0.0.0/8 are text for every reader; 1.36, 1e3 and 22:30 are not.
            return dots >= 2 && text.indexOf(':') < 0;
        }
        return isAlphanumeric(start) || start == '/' || start == '~';
    }

    private static boolean isAlphanumeric(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }
}
