package io.k8s.sigs.swdt.cli;

import io.k8s.sigs.swdt.cluster.Requests;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/** Options that mean the same everywhere, and their way into requests. */
final class Options {

    /** In which results may be printed. */
    static final List<String> FORMS = List.of("table", "json", "yaml");

    private static final Pattern DURATION = Pattern.compile("(\\d{1,6})([smh])");

    private Options() {}

    static OptionSpec config() {
        return OptionSpec.builder("--config", "-c")
                .paramLabel("FILE")
                .type(Path.class)
                .description("the cluster file (default: cluster.yaml, if it is there)")
                .build();
    }

    static CommandSpec cluster(CommandSpec command) {
        return selecting(command).addOption(acceptHostKeys());
    }

    private static OptionSpec acceptHostKeys() {
        return flag(
                "the SSH host keys of new hosts are accepted and remembered",
                "--accept-new-host-keys");
    }

    private static CommandSpec selecting(CommandSpec command) {
        return common(command)
                .addOption(
                        OptionSpec.builder("--cluster")
                                .paramLabel("NAME")
                                .type(String.class)
                                .description("a cluster that was made from this machine")
                                .build())
                .addOption(
                        OptionSpec.builder("--timeout")
                                .paramLabel("TIME")
                                .type(Duration.class)
                                .converters(Options::duration)
                                .defaultValue("30m")
                                .description("give up after this time, e.g. 90s, 30m (default), 1h")
                                .build());
    }

    static CommandSpec common(CommandSpec command) {
        return command.addOption(config())
                .addOption(flag("say more: remote commands, stack traces", "--verbose", "-v"))
                .addOption(
                        OptionSpec.builder("--output", "-o")
                                .paramLabel("FORM")
                                .type(String.class)
                                .converters(Options::form)
                                .defaultValue("table")
                                .description("table (default), json or yaml")
                                .build());
    }

    static CommandSpec asking(CommandSpec command) {
        return selecting(command)
                .addOption(flag("ask nothing", "--yes", "-y"))
                .addOption(flag("print the plan, touch nothing", "--dry-run"));
    }

    static CommandSpec changing(CommandSpec command) {
        return asking(command)
                .addOption(acceptHostKeys())
                .addOption(flag("no live display: plain lines, as on a pipe", "--plain"))
                .addOption(
                        flag(
                                "take over from another controller that holds the hosts",
                                "--break-lock"));
    }

    static OptionSpec flag(String description, String... names) {
        return OptionSpec.builder(names[0], java.util.Arrays.copyOfRange(names, 1, names.length))
                .type(boolean.class)
                .description(description)
                .build();
    }

    static Duration duration(String text) {
        Matcher m = DURATION.matcher(text);
        if (!m.matches() || text.startsWith("0")) {
            throw new TypeConversionException(
                    "'" + text + "' is not a time such as 90s, 30m or 1h");
        }
        long n = Long.parseLong(m.group(1));
        return switch (m.group(2)) {
            case "s" -> Duration.ofSeconds(n);
            case "m" -> Duration.ofMinutes(n);
            default -> Duration.ofHours(n);
        };
    }

    private static String form(String text) {
        if (!FORMS.contains(text)) {
            throw new TypeConversionException(
                    "'" + text + "' is not one of " + String.join(", ", FORMS));
        }
        return text;
    }

    static boolean on(ParseResult parsed, String option) {
        return parsed.commandSpec().findOption(option) != null
                && parsed.matchedOptionValue(option, false);
    }

    static Requests.Common request(ParseResult parsed) {
        return new Requests.Common(
                new Requests.Selection(path(parsed), parsed.matchedOptionValue("--cluster", null)),
                on(parsed, "--yes"),
                on(parsed, "--dry-run"),
                parsed.commandSpec().findOption("--timeout").getValue(),
                on(parsed, "--accept-new-host-keys"),
                on(parsed, "--break-lock"),
                on(parsed, "--verbose"));
    }

    static @Nullable Path path(ParseResult parsed) {
        return parsed.matchedOptionValue("--config", null);
    }
}
