package io.k8s.sigs.swdt.cli;

import io.k8s.sigs.swdt.cluster.ExitCode;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;

/** Where the {@code swdt} command starts. */
public final class Main {

    /** swdt's version. */
    public static final String VERSION = "0.1.0";

    private Main() {}

    public static void main(String[] args) {
        System.exit(run(Arrays.asList(args), System.out, System.err));
    }

    /** Runs one command and returns its exit code. */
    public static int run(List<String> args, PrintStream out, PrintStream err) {
        // the most frequent question is answered before the parser is loaded
        if (args.equals(List.of("--version")) || args.equals(List.of("version"))) {
            out.println("swdt " + VERSION);
            return ExitCode.DONE.code();
        }
        return new CommandLineInterface(out, err).run(args);
    }
}
