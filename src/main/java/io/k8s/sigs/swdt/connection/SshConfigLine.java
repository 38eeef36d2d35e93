package io.k8s.sigs.swdt.connection;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The words of a line of {@code ~/.ssh/config}. */
final class SshConfigLine {

    private SshConfigLine() {}

    /**
     * The keyword in lower case, then its values; empty for a comment. Keyword and value stand
     * apart by spaces or one equals sign; values with spaces stand in double quotes.
     */
    static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean quoted = false;
        boolean begun = false;
        String text = line.strip();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean gap = Character.isWhitespace(c) || (c == '=' && words.isEmpty() && begun);
            if (c == '"') {
                quoted = !quoted;
                begun = true;
            } else if (gap && !quoted) {
                end(words, word, begun);
                begun = false;
            } else if (c == '#' && !begun && !quoted) {
                return words;
            } else if (c != '=' || begun || quoted || words.size() != 1) {
                word.append(c);
                begun = true;
            }
        }
        end(words, word, begun);
        return words;
    }

    private static void end(List<String> words, StringBuilder word, boolean begun) {
        if (begun) {
            String text = word.toString();
            words.add(words.isEmpty() ? text.toLowerCase(Locale.ROOT) : text);
            word.setLength(0);
        }
    }
}
