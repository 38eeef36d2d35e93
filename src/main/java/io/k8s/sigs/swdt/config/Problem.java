package io.k8s.sigs.swdt.config;

/**
 * One mistake in a cluster file.
 *
 * @param file the file as the user named it
 * @param line from 1, or 0 where the mistake has no place in the text
 * @param column in code points from 1, or 0 where the mistake has no place in the text
 * @param message what is wrong and what was expected; shows no secret
 * @param sourceLine the line of the file with secrets covered, or empty
 */
public record Problem(String file, int line, int column, String message, String sourceLine)
        implements Comparable<Problem> {

    /** The place and the message, then the source line and a caret under the place. */
    public String render() {
        if (line == 0) {
            return file + ": " + message;
        }
        String head = file + ":" + line + ":" + column + ": " + message;
        if (sourceLine.isBlank()) {
            return head;
        }
        StringBuilder caret = new StringBuilder();
        int[] codePoints = sourceLine.codePoints().limit(column - 1L).toArray();
        for (int c : codePoints) {
            // A tab stays a tab: the caret is then right however wide the terminal draws it.
            caret.append(c == '\t' ? '\t' : ' ');
        }
        return head + "\n    " + sourceLine + "\n    " + caret + "^";
    }

    /** By place, mistakes without one first. */
    @Override
    public int compareTo(Problem other) {
        return line != other.line
                ? Integer.compare(line, other.line)
                : Integer.compare(column, other.column);
    }
}
