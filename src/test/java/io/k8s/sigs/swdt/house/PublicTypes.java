package io.k8s.sigs.swdt.house;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** A plain look at Java sources, formatted as all ours are. */
final class PublicTypes {

    private static final Pattern DECLARATION =
            Pattern.compile("\\s*public [a-z \\-]*(class|record|interface|enum|@interface) .*");

    private PublicTypes() {}

    /** Declarations of public types that no doc comment stands before, as {@code FILE:LINE}. */
    static List<String> withoutDoc(Path source) {
        List<String> lines = Sources.text(source).lines().map(String::strip).toList();
        var bare = new ArrayList<String>();
        for (int i = 0; i < lines.size(); i++) {
            if (DECLARATION.matcher(lines.get(i)).matches() && !documented(lines, i)) {
                bare.add(source + ":" + (i + 1) + ": " + lines.get(i));
            }
        }
        return bare;
    }

    private static boolean documented(List<String> lines, int declaration) {
        int i = declaration - 1;
        while (i >= 0 && lines.get(i).startsWith("@")) {
            i--;
        }
        return i >= 0 && lines.get(i).endsWith("*/");
    }
}
