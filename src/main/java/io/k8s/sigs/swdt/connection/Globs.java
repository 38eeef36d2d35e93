package io.k8s.sigs.swdt.connection;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Patterns of ssh_config(5) and known_hosts: {@code *}, {@code ?}, and {@code !} before a pattern.
 */
final class Globs {

    private Globs() {}

    /** Whether one pattern matches and none that is negated does; letter case does not count. */
    static boolean anyOf(List<String> patterns, String text) {
        boolean matched = false;
        for (String pattern : patterns) {
            boolean negated = pattern.startsWith("!");
            if (matches(negated ? pattern.substring(1) : pattern, text)) {
                if (negated) {
                    return false;
                }
                matched = true;
            }
        }
        return matched;
    }

    private static boolean matches(String pattern, String text) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            switch (c) {
                case '*' -> regex.append(".*");
                case '?' -> regex.append('.');
                default -> regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return Pattern.compile(regex.toString(), Pattern.CASE_INSENSITIVE).matcher(text).matches();
    }
}
