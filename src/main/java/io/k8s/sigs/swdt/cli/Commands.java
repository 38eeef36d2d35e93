package io.k8s.sigs.swdt.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The tree of commands, built in code: annotations would cost start-up time. */
final class Commands {

    private Commands() {}

    static CommandLine tree() {
        CommandSpec root =
                command(
                        "swdt",
                        "Turns Linux and Windows machines that you have into a kubeadm cluster, and back.");
        root.addOption(Options.flag("print the version", "--version"));
        CommandSpec config =
                command("config", "Look at a cluster file.")
                        .addSubcommand(
                                "validate",
                                Options.common(
                                        command(
                                                "validate",
                                                "Name every mistake of a cluster file.")))
                        .addSubcommand(
                                "show",
                                Options.common(
                                        command("show", "Print a cluster file with all defaults.")))
                        .addSubcommand(
                                "schema",
                                command(
                                        "schema",
                                        "Print the JSON schema of cluster files, for editors."));
        CommandSpec cluster =
                command("cluster", "Make a cluster, look at it, give its hosts back.")
                        .addSubcommand(
                                "create",
                                Options.changing(
                                                command(
                                                        "create",
                                                        "Make the cluster that a file describes, go on with it, or add what is new in the file."))
                                        .addOption(
                                                Options.flag(
                                                        "do not test the cluster at the end",
                                                        "--no-test")))
                        .addSubcommand(
                                "destroy",
                                Options.changing(
                                                command(
                                                        "destroy",
                                                        "Undo all changes, and compare the hosts with what they were."))
                                        .addOption(
                                                Options.flag(
                                                        "also put back what was altered since",
                                                        "--force")))
                        .addSubcommand(
                                "status",
                                Options.cluster(command("status", "Show each host and node.")))
                        .addSubcommand(
                                "test",
                                Options.cluster(
                                        command(
                                                "test",
                                                "Test the running cluster: nodes, pods, services, DNS, egress, logs, exec, on Linux and Windows.")));
        CommandSpec get =
                command("get", "Read from a cluster, without a local kubectl.")
                        .addSubcommand(
                                "kubeconfig",
                                Options.cluster(
                                        command(
                                                "kubeconfig",
                                                "Print the administrator's kubeconfig.")))
                        .addSubcommand(
                                "nodes", Options.cluster(command("nodes", "List the nodes.")))
                        .addSubcommand("pods", Options.cluster(command("pods", "List all pods.")));
        CommandSpec node =
                command("node", "Look after one host.")
                        .addSubcommand(
                                "enable-ssh",
                                Options.asking(
                                                command(
                                                        "enable-ssh",
                                                        "Bring SSH to a virtual machine with Windows by PowerShell Direct. It stays, whatever becomes of the cluster."))
                                        .addPositional(
                                                PositionalParamSpec.builder()
                                                        .paramLabel("NODE")
                                                        .index("0")
                                                        .arity("1")
                                                        .type(String.class)
                                                        .required(true)
                                                        .description("the node's name")
                                                        .build()));
        root.addSubcommand("config", config)
                .addSubcommand("cluster", cluster)
                .addSubcommand("node", node)
                .addSubcommand("get", get)
                .addSubcommand(
                        "completion",
                        command("completion", "Print a completion script.")
                                .addPositional(
                                        PositionalParamSpec.builder()
                                                .paramLabel("SHELL")
                                                .index("0")
                                                .arity("1")
                                                .type(String.class)
                                                .required(true)
                                                .description("bash, zsh, fish or powershell")
                                                .build()))
                .addSubcommand(
                        "demo",
                        command(
                                        "demo",
                                        "Make a real cluster on throw-away hosts of this machine (in the source tree, as ./swdt demo).")
                                .addOption(
                                        Options.flag(
                                                "with a Windows-like worker, which is a stand-in",
                                                "--windows"))
                                .addOption(Options.flag("end it", "--destroy")))
                .addSubcommand("version", command("version", "Print the version."));
        return new CommandLine(root).setUsageHelpWidth(100);
    }

    private static CommandSpec command(String name, String description) {
        CommandSpec spec = CommandSpec.create().name(name);
        spec.usageMessage().description(description);
        spec.addOption(
                CommandLine.Model.OptionSpec.builder("--help", "-h")
                        .usageHelp(true)
                        .type(boolean.class)
                        .description("print this help")
                        .build());
        return spec;
    }
}
