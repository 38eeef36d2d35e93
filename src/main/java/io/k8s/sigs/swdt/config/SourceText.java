package io.k8s.sigs.swdt.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;

/** The text of one file while it is checked: collects mistakes, covers secrets in what it shows. */
final class SourceText {

    private final String file;
    private final String text;
    private final StringBuilder shown;
    private final List<Draft> drafts = new ArrayList<>();

    /** A mistake before its source line is cut out; secrets may still be found after it. */
    private record Draft(int line, int column, String message) {}

    SourceText(String file, String text) {
        this.file = file;
        this.text = text;
        this.shown = new StringBuilder(text);
    }

    /** The whole text as it was read. */
    String text() {
        return text;
    }

    /** Notes a mistake at a place, or without one. */
    void problem(Optional<Mark> place, String message) {
        drafts.add(
                place.map(m -> new Draft(m.getLine() + 1, m.getColumn() + 1, message))
                        .orElse(new Draft(0, 0, message)));
    }

    /** Covers a value in every source line shown: what stands there is or may be a secret. */
    void cover(Node node) {
        if (node.getStartMark().isEmpty() || node.getEndMark().isEmpty()) {
            return;
        }
        int start = text.offsetByCodePoints(0, node.getStartMark().get().getIndex());
        int end = text.offsetByCodePoints(0, node.getEndMark().get().getIndex());
        cover(start, end);
    }

    /**
     * Covers what follows {@code password:} and the like. For text that is no YAML: there is no
     * tree that says where the secrets are.
     */
    void coverByName() {
        int lineStart = 0;
        while (lineStart < text.length()) {
            int newline = text.indexOf('\n', lineStart);
            int lineEnd = newline < 0 ? text.length() : newline;
            String line = text.substring(lineStart, lineEnd).toLowerCase(java.util.Locale.ROOT);
            int word = Math.max(line.indexOf("password"), line.indexOf("passphrase"));
            int colon = word < 0 ? -1 : line.indexOf(':', word);
            if (colon >= 0) {
                cover(lineStart + colon + 1, lineEnd);
            }
            lineStart = lineEnd + 1;
        }
    }

    /** How many mistakes there are so far. */
    int count() {
        return drafts.size();
    }

    /** The mistakes so far, sorted by place. */
    List<Problem> problems() {
        String[] lines = shown.toString().split("\r\n|\r|\n", -1);
        return drafts.stream()
                .map(d -> new Problem(file, d.line, d.column, d.message, line(lines, d.line)))
                .sorted()
                .toList();
    }

    private static String line(String[] lines, int number) {
        return number < 1 || number > lines.length ? "" : lines[number - 1].stripTrailing();
    }

    /** Three dots, then spaces: the columns of what stands behind on the line stay right. */
    private void cover(int start, int end) {
        for (int i = start; i < end; i++) {
            char c = shown.charAt(i);
            if (c != '\n' && c != '\r') {
                shown.setCharAt(i, i < start + 3 ? '•' : ' ');
            }
        }
    }
}
