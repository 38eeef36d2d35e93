package io.k8s.sigs.swdt.ui;

import io.k8s.sigs.swdt.cluster.Failure;
import java.util.List;

/** The words of an error: what failed and where, the cause, the next step. Pure. */
public final class ErrorText {

    private ErrorText() {}

    /** All reasons, one after the other, each ended by a line feed. */
    public static String of(Failure failure) {
        StringBuilder out = new StringBuilder();
        for (Failure.Reason reason : failure.reasons()) {
            out.append("error: ");
            if (reason.host() != null) {
                out.append(reason.host()).append(": ");
            }
            out.append(reason.what().stripTrailing()).append('\n');
            for (Failure.Detail detail : reason.details()) {
                labelled(out, detail.label(), detail.text());
            }
            if (reason.next() != null) {
                labelled(out, "next", reason.next());
            }
        }
        return Printable.of(out.toString());
    }

    private static void labelled(StringBuilder out, String label, String text) {
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            out.append(String.format("  %-8s ", i == 0 ? label : ""))
                    .append(lines.get(i))
                    .append('\n');
        }
    }
}
