package io.k8s.sigs.swdt.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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

    /**
     * A word that may follow.
     *
     * @param text a command, a shell or a long option
     * @param letter the option's short name, or empty
     * @param value whether another word must follow it
     * @param meaning for people
     */
    private record Word(String text, String letter, boolean value, String meaning) {

        static Word of(OptionSpec option) {
            String letter = option.shortestName().startsWith("--") ? "" : option.shortestName();
            return new Word(
                    option.longestName(),
                    letter,
                    option.arity().max() > 0,
                    String.join(" ", option.description()));
        }

        static Word of(String text, String meaning) {
            return new Word(text, "", false, meaning);
        }

        boolean isOption() {
            return text.startsWith("--");
        }
    }

    /** By the words so far, e.g. {@code cluster create}: what may follow. */
    private static Map<String, List<Word>> words(CommandSpec root) {
        Map<String, List<Word>> words = new LinkedHashMap<>();
        collect("", root, words);
        return words;
    }

    private static void collect(String path, CommandSpec spec, Map<String, List<Word>> words) {
        List<Word> here = new ArrayList<>();
        spec.subcommands().forEach((name, c) -> here.add(Word.of(name, meaning(c))));
        if (spec.name().equals("completion")) {
            SHELLS.forEach(s -> here.add(Word.of(s, "for " + s)));
        }
        spec.options().forEach(o -> here.add(Word.of(o)));
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

    /** All names of options after which a word is a value. */
    private static List<String> valued(Map<String, List<Word>> words) {
        return words.values().stream()
                .flatMap(List::stream)
                .filter(Word::value)
                .flatMap(w -> Stream.of(w.text(), w.letter()))
                .filter(n -> !n.isEmpty())
                .distinct()
                .toList();
    }

    // the words that are neither options nor their values, joined, say where one is
    private static String fish(Map<String, List<Word>> words) {
        StringBuilder out =
                new StringBuilder(
                        """
                        # fish completion of swdt: put it into ~/.config/fish/completions/swdt.fish
                        function __swdt_at
                            set -l path
                            set -l value no
                            set -l words (commandline -opc)
                            for word in $words[2..-1]
                                if test $value = yes
                                    set value no
                                else if contains -- $word %s
                                    set value yes
                                else if not string match -q -- '-*' $word
                                    set -a path $word
                                end
                            end
                            test "$path" = "$argv[1]"
                        end
                        complete -c swdt -f
                        """
                                .formatted(String.join(" ", valued(words))));
        words.forEach((path, list) -> {
            for (Word word : list) {
                out.append("complete -c swdt -n '__swdt_at \"").append(path).append("\"' ");
                if (word.isOption()) {
                    out.append("-l ").append(word.text().substring(2));
                    out.append(word.letter().isEmpty() ? "" : " -s " + word.letter().substring(1));
                    out.append(fishValues(word));
                } else {
                    out.append("-a ").append(word.text());
                }
                out.append(" -d '")
                        .append(word.meaning().replace("\\", "\\\\").replace("'", "\\'"))
                        .append("'\n");
            }
        });
        return out.toString();
    }

    private static String fishValues(Word option) {
        return switch (option.text()) {
            case "--config" -> " -r -F";
            case "--output" -> " -x -a '" + String.join(" ", Options.FORMS) + "'";
            default -> option.value() ? " -x" : "";
        };
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
        $swdtValued = @(%s)
        $swdtForms = @(%s)
        Register-ArgumentCompleter -Native -CommandName swdt, swdt.cmd -ScriptBlock {
            param($word, $command, $position)
            $before = @($command.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
            if ($word -and $before.Count -and $before[-1] -eq $word) {
                $before = @($before | Select-Object -First ($before.Count - 1))
            }
            $path = @()
            $option = ''
            foreach ($text in $before) {
                if ($option) { $option = '' }
                elseif ($swdtValued -ccontains $text) { $option = $text }
                elseif (-not $text.StartsWith('-')) { $path += $text }
            }
            $entries = $swdtWords[$path -join ' ']
            if ($option -ceq '--output' -or $option -ceq '-o') {
                $entries = @($swdtForms | ForEach-Object { , @($_, $_) })
            } elseif ($option) {
                return # PowerShell offers files
            }
            foreach ($entry in $entries) {
                if ($entry[0].StartsWith($word)) {
                    [System.Management.Automation.CompletionResult]::new($entry[0], $entry[0], 'ParameterValue', $entry[1])
                }
            }
        }
        """
                .formatted(table, quoted(valued(words)), quoted(Options.FORMS));
    }

    private static String quoted(List<String> words) {
        return "'" + String.join("', '", words) + "'";
    }
}
