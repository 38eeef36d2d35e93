package io.k8s.sigs.swdt.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Completion scripts, made from the tree of commands. Pure. Bash's and zsh's are picocli's, which
 * knows no other shell.
 */
final class Completion {

    static final List<String> SHELLS = List.of("bash", "zsh", "fish", "powershell");

    private Completion() {}

    /**
     * @param shell one of {@link #SHELLS}
     */
    static String script(String shell, CommandLine tree) {
        return switch (shell) {
            case "bash", "zsh" -> AutoComplete.bash("swdt", tree);
            case "fish" -> fish(words(tree.getCommandSpec()));
            case "powershell" -> powerShell(words(tree.getCommandSpec()));
            default -> throw new IllegalArgumentException(shell);
        };
    }

    /** A word that may follow, and what it means. */
    private record Word(String text, String meaning) {}

    /** By the words so far, e.g. {@code cluster create}: what may follow. */
    private static Map<String, List<Word>> words(CommandSpec root) {
        Map<String, List<Word>> words = new LinkedHashMap<>();
        collect("", root, words);
        return words;
    }

    private static void collect(String path, CommandSpec spec, Map<String, List<Word>> words) {
        List<Word> here = new ArrayList<>();
        spec.subcommands().forEach((name, c) -> here.add(new Word(name, meaning(c))));
        if (spec.name().equals("completion")) {
            SHELLS.forEach(s -> here.add(new Word(s, "for " + s)));
        }
        for (OptionSpec option : spec.options()) {
            here.add(new Word(option.longestName(), String.join(" ", option.description())));
        }
        words.put(path, here);
        spec.subcommands()
                .forEach((name, c) ->
                        collect(
                                path.isEmpty() ? name : path + " " + name,
                                c.getCommandSpec(),
                                words));
    }

    private static String meaning(CommandLine command) {
        return String.join(" ", command.getCommandSpec().usageMessage().description());
    }

    // the words that are no options, joined, say where one is
    private static String fish(Map<String, List<Word>> words) {
        StringBuilder out =
                new StringBuilder(
                        """
                        # fish completion of swdt: put it into ~/.config/fish/completions/swdt.fish
                        function __swdt_at
                            set -l words (commandline -opc)
                            set -l path (string match -v -- '-*' $words[2..-1])
                            test "$path" = "$argv[1]"
                        end
                        complete -c swdt -f
                        complete -c swdt -s c -l config -r -F
                        """);
        words.forEach((path, list) -> {
            for (Word word : list) {
                if (word.text().equals("--config")) {
                    continue;
                }
                String what =
                        word.text().startsWith("--")
                                ? "-l " + word.text().substring(2)
                                : "-a " + word.text();
                out.append("complete -c swdt -n '__swdt_at \"")
                        .append(path)
                        .append("\"' ")
                        .append(what)
                        .append(" -d '")
                        .append(word.meaning().replace("\\", "\\\\").replace("'", "\\'"))
                        .append("'\n");
            }
        });
        return out.toString();
    }

    private static String powerShell(Map<String, List<Word>> words) {
        String table =
                words.entrySet().stream()
                        .map(e ->
                                "    '"
                                        + e.getKey()
                                        + "' = @("
                                        // without it a list of one pair would be taken apart
                                        + (e.getValue().size() == 1 ? "," : "")
                                        + e.getValue().stream()
                                                .map(w ->
                                                        "@('"
                                                                + w.text()
                                                                + "', '"
                                                                + w.meaning().replace("'", "''")
                                                                + "')")
                                                .collect(Collectors.joining(", "))
                                        + ")\n")
                        .collect(Collectors.joining());
        return """
        # PowerShell completion of swdt: put it into your profile ($PROFILE)
        $swdtWords = @{
        %s}
        Register-ArgumentCompleter -Native -CommandName swdt, swdt.cmd -ScriptBlock {
            param($word, $command, $position)
            $path = @($command.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() } |
                Where-Object { -not $_.StartsWith('-') -and $_ -ne $word }) -join ' '
            foreach ($entry in $swdtWords[$path]) {
                if ($entry[0].StartsWith($word)) {
                    [System.Management.Automation.CompletionResult]::new($entry[0], $entry[0], 'ParameterValue', $entry[1])
                }
            }
        }
        """
                .formatted(table);
    }
}
