package io.k8s.sigs.swdt.config;

import java.util.List;

/** The text of docs/cluster-file.md, from the table. */
final class ReferencePage {

    private static final String HEAD =
            """
            # Cluster file

            Generated from the table in `config/Table.java`; to renew it: `./build unit -Dswdt.update=true`.
            `swdt config validate` checks a file, `swdt config show` prints it with defaults, `swdt config schema`
            prints its JSON schema. Whole files: [`examples/`](../examples).

            - `${NAME}` in a text is replaced by the environment variable; `$${` stands for `${`. Numbers and truth
              values take no variables.
            - Secrets are references, `{env: NAME}` or `{file: PATH}` (first line), never plain text.
            - Paths: `~/` is the home folder, relative ones start in the folder of the file.
            - Anchors and aliases of YAML work; merge keys (`<<`) do not, `spec.ssh` is there for what nodes share.
            - What is merged into a configuration: maps key by key, lists of objects with a `name` by that name; other
              lists and values are replaced, and `null` takes a key away.
            """;

    private ReferencePage() {}

    static String markdown() {
        StringBuilder out = new StringBuilder(HEAD);
        for (Spec spec : Table.specs()) {
            out.append("\n## ").append(spec.name()).append("\n").append(spec.doc()).append('\n');
            if (!spec.exactlyOne().isEmpty()) {
                out.append("Exactly one of: ").append(code(spec.exactlyOne())).append(".\n");
            }
            out.append("\n| key | value | default | meaning |\n|---|---|---|---|\n");
            for (Spec.Field field : spec.fields()) {
                String byDefault = field.required() ? "**required**" : field.byDefault();
                out.append("| `").append(field.key()).append("` | ").append(kind(field.kind()));
                out.append(" | ").append(byDefault).append(" | ").append(field.doc());
                out.append(" |\n");
            }
        }
        return out.toString();
    }

    private static String kind(Kind kind) {
        return switch (kind) {
            case Kind.Text text -> text.form();
            case Kind.Choice choice -> code(choice.words());
            case Kind.Whole whole -> whole.min() + " to " + whole.max();
            case Kind.Flag _ -> "`true`, `false`";
            case Kind.Hidden _ -> link("secret");
            case Kind.FreeMap _ -> "map of anything";
            case Kind.TextMap map -> "map: " + map.key().form() + " to " + map.value().form();
            case Kind.TextList list -> "list: " + list.item().form();
            case Kind.One one -> link(one.spec());
            case Kind.Many many -> "list of " + link(many.spec());
            case Kind.Named named -> "map: " + named.key().form() + " to " + link(named.spec());
        };
    }

    private static String code(List<String> words) {
        return "`" + String.join("`, `", words) + "`";
    }

    private static String link(String spec) {
        return "[" + spec + "](#" + spec + ")";
    }
}
