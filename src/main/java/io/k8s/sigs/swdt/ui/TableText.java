package io.k8s.sigs.swdt.ui;

import java.util.ArrayList;
import java.util.List;

/** Aligned columns without borders. Pure. */
public final class TableText {

    private TableText() {}

    /**
     * @param columns headings
     * @param rows cells, as many as headings
     * @return lines, each ended by a line feed, without blanks at the end
     */
    public static String of(List<String> columns, List<List<String>> rows) {
        List<List<String>> all = new ArrayList<>(rows);
        all.addFirst(columns);
        int[] widths = new int[columns.size()];
        for (List<String> row : all) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        StringBuilder out = new StringBuilder();
        for (List<String> row : all) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                line.append(row.get(i)).repeat(" ", widths[i] - row.get(i).length() + 3);
            }
            out.append(line.toString().stripTrailing()).append('\n');
        }
        return out.toString();
    }
}
