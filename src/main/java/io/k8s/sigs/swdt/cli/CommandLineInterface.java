package io.k8s.sigs.swdt.cli;

import io.k8s.sigs.swdt.cluster.Environment;
import io.k8s.sigs.swdt.cluster.ExitCode;
import io.k8s.sigs.swdt.cluster.Failure;
import io.k8s.sigs.swdt.cluster.Requests;
import io.k8s.sigs.swdt.cluster.Service;
import io.k8s.sigs.swdt.config.ClusterFile;
import io.k8s.sigs.swdt.config.ConfigException;
import io.k8s.sigs.swdt.config.JsonSchema;
import io.k8s.sigs.swdt.engine.Cancellation;
import io.k8s.sigs.swdt.report.RunLog;
import io.k8s.sigs.swdt.ui.ErrorText;
import io.k8s.sigs.swdt.ui.Terminal;
import io.k8s.sigs.swdt.value.Count;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/**
 * Parses a command line, runs the command, and turns what went wrong into words and an exit code.
 */
final class CommandLineInterface {

    private final PrintStream out;
    private final PrintStream err;

    CommandLineInterface(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    int run(List<String> args) {
        CommandLine tree = Commands.tree();
        ParseResult parsed;
        try {
            parsed = tree.parseArgs(args.toArray(new String[0]));
        } catch (CommandLine.ParameterException e) {
            return usage(e);
        }
        while (parsed.hasSubcommand()) {
            if (parsed.isUsageHelpRequested()) {
                break;
            }
            parsed = parsed.subcommand();
        }
        CommandLine command = parsed.commandSpec().commandLine();
        boolean group = !parsed.commandSpec().subcommands().isEmpty();
        if (parsed.isUsageHelpRequested() || args.isEmpty()) {
            command.usage(out);
            return ExitCode.DONE.code();
        }
        if (group) {
            command.usage(err);
            return ExitCode.USAGE.code();
        }
        return guarded(parsed);
    }

    private int usage(CommandLine.ParameterException e) {
        err.println("error: " + e.getMessage());
        CommandLine.UnmatchedArgumentException.printSuggestions(
                e, new PrintWriter(err, true, StandardCharsets.UTF_8));
        err.println(
                "  next     " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
        return ExitCode.USAGE.code();
    }

    private int guarded(ParseResult parsed) {
        boolean verbose = Options.on(parsed, "--verbose");
        try {
            return command(parsed).code();
        } catch (Failure e) {
            err.print(ErrorText.of(e));
            trace(e, verbose);
            return e.exitCode().code();
        } catch (IOException | RuntimeException e) {
            err.println("error: internal: " + e);
            if (!verbose) {
                err.println(
                        "  next     run it again with --verbose for the stack trace, and report it");
            }
            trace(e, verbose);
            return ExitCode.FAILED.code();
        }
    }

    private void trace(Throwable e, boolean verbose) {
        if (verbose) {
            e.printStackTrace(err);
        }
    }

    private ExitCode command(ParseResult parsed) throws IOException {
        String name = parsed.commandSpec().qualifiedName();
        return switch (name) {
            case "swdt version" -> {
                out.println("swdt " + Main.VERSION);
                yield ExitCode.DONE;
            }
            case "swdt completion" -> completion(parsed);
            case "swdt config schema" -> {
                out.print(JsonSchema.generate());
                yield ExitCode.DONE;
            }
            case "swdt config validate", "swdt config show" ->
                    config(parsed, name.endsWith("show"));
            case "swdt demo" -> {
                // the launcher of the source tree makes it, without this program
                err.println(
                        "error: the demo is part of swdt's source tree, which has what it needs");
                err.println("  next     in the tree, run ./swdt demo");
                yield ExitCode.USAGE;
            }
            default -> onHosts(parsed, name);
        };
    }

    private ExitCode completion(ParseResult parsed) {
        String shell = parsed.matchedPositionalValue(0, "");
        if (!Completion.SHELLS.contains(shell)) {
            err.println("error: no completion for '" + shell + "'");
            err.println("  next     name one of " + String.join(", ", Completion.SHELLS));
            return ExitCode.USAGE;
        }
        out.print(Completion.script(shell, Commands.tree()));
        return ExitCode.DONE;
    }

    private ExitCode config(ParseResult parsed, boolean show) {
        Path given = Options.path(parsed);
        Path file = given == null ? Path.of("cluster.yaml") : given;
        try {
            var read = ClusterFile.read(file, System.getenv());
            if (show) {
                out.print(read.show());
            } else {
                out.println(
                        file
                                + ": "
                                + Count.of(read.cluster().nodes().size(), "node")
                                + ", no mistakes");
            }
            return ExitCode.DONE;
        } catch (ConfigException e) {
            err.println(e.getMessage());
            return ExitCode.INVALID_FILE;
        }
    }

    private ExitCode onHosts(ParseResult parsed, String name) {
        quietLibraries();
        Environment environment = Environment.current(Main.VERSION);
        Cancellation cancellation = new Cancellation();
        String output = parsed.commandSpec().findOption("--output").getValue();
        try (RunLog log = new RunLog()) {
            Terminal terminal =
                    new Terminal(
                            out,
                            err,
                            Terminal.Style.of(
                                    Options.on(parsed, "--plain"), output, environment.variables()),
                            new KeptLog(log));
            if (name.endsWith("create") || name.endsWith("destroy")) {
                Interrupts.stop(cancellation, terminal);
            }
            try {
                return dispatch(
                        name, parsed, new Service(environment, terminal, cancellation), output);
            } catch (Failure e) {
                log.line(ErrorText.of(e));
                throw e;
            } catch (RuntimeException e) {
                StringWriter trace = new StringWriter();
                e.printStackTrace(new PrintWriter(trace, true));
                log.line("error: internal: " + trace);
                throw e;
            } finally {
                if (log.file() != null) {
                    err.println("log: " + log.file());
                }
            }
        }
    }

    // rooms of one floor do not know each other: this is where they meet
    private record KeptLog(RunLog log) implements Terminal.Log {

        @Override
        public void line(String line) {
            log.line(line);
        }

        @Override
        public void keep(Path folder, String command) throws IOException {
            log.keep(folder, command);
        }
    }

    private static ExitCode dispatch(
            String name, ParseResult parsed, Service service, String output) {
        Requests.Common common = Options.request(parsed);
        return switch (name) {
            case "swdt cluster create" ->
                    service.create(new Requests.Create(common, !Options.on(parsed, "--no-test")));
            case "swdt cluster destroy" ->
                    service.destroy(new Requests.Destroy(common, Options.on(parsed, "--force")));
            case "swdt cluster status" -> service.status(new Requests.Status(common));
            case "swdt cluster test" -> service.test(new Requests.Test(common));
            case "swdt node enable-ssh" ->
                    service.enableSsh(
                            new Requests.EnableSsh(common, parsed.matchedPositionalValue(0, "")));
            case "swdt get kubeconfig" ->
                    service.get(new Requests.Get(common, Requests.Kind.KUBECONFIG, output));
            case "swdt get nodes" ->
                    service.get(new Requests.Get(common, Requests.Kind.NODES, output));
            case "swdt get pods" ->
                    service.get(new Requests.Get(common, Requests.Kind.PODS, output));
            default -> throw new IllegalStateException("no command " + name);
        };
    }

    // the SSH library warns of what is normal here, such as a host that does not answer yet
    private static void quietLibraries() {
        LogManager.getLogManager().reset();
        Logger.getLogger("").setLevel(Level.OFF);
    }
}
