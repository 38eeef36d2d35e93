package io.k8s.sigs.swdt.config;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Pure functions on the texts of a cluster file. */
final class Texts {

    private Texts() {}

    /**
     * The text with each variable replaced by its value. A variable is a dollar sign and its name
     * in braces; two dollar signs before the brace stand for one, and no variable.
     *
     * @param wrong gets a message for each variable that is not set or not closed; its place in the
     *     text stays as it is
     */
    static String expand(String text, Map<String, String> env, Consumer<String> wrong) {
        int from = 0;
        StringBuilder out = new StringBuilder();
        for (int at = text.indexOf("${"); at >= 0; at = text.indexOf("${", from)) {
            if (at > from && text.charAt(at - 1) == '$') {
                out.append(text, from, at - 1).append("${");
                from = at + 2;
                continue;
            }
            int end = text.indexOf('}', at);
            if (end < 0) {
                wrong.accept("'${' without '}'; write '$${' for the characters themselves");
                break;
            }
            String name = text.substring(at + 2, end);
            String value = env.get(name);
            if (value == null) {
                wrong.accept(
                        "environment variable '"
                                + name
                                + "' is not set; write '$${' for the characters '${' themselves");
            }
            out.append(text, from, at).append(value == null ? "" : value);
            from = end + 1;
        }
        return out.append(text.substring(from)).toString();
    }

    /**
     * The candidate that the word was most likely meant to be: at most two edits away, or a third
     * of its length.
     *
     * @return null if none is near
     */
    static @Nullable String nearest(String word, List<String> candidates) {
        String best = null;
        int bestDistance = Integer.MAX_VALUE;
        for (String candidate : candidates) {
            int distance =
                    distance(
                            word.toLowerCase(java.util.Locale.ROOT),
                            candidate.toLowerCase(java.util.Locale.ROOT));
            int limit = candidate.length() <= 3 ? 1 : Math.max(2, candidate.length() / 3);
            if (distance <= limit && distance < bestDistance) {
                best = candidate;
                bestDistance = distance;
            }
        }
        return best;
    }

    /** Edits (insert, delete, replace, swap of neighbours) from one word to the other. */
    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(d[i - 1][j - 1] + same, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
                if (i > 1
                        && j > 1
                        && a.charAt(i - 1) == b.charAt(j - 2)
                        && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
