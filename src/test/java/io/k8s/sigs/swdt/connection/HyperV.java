package io.k8s.sigs.swdt.connection;

import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.lab.PowerShellHost;
import io.k8s.sigs.swdt.lab.ScriptCoverage;
import io.k8s.sigs.swdt.value.Json;
import io.k8s.sigs.swdt.value.Ordered;
import io.k8s.sigs.swdt.value.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * A controller with Hyper-V: a PowerShell that knows virtual machines, whose sessions are real ones
 * of PowerShell's remoting.
 */
public final class HyperV {

    /**
     * What a machine's end of a session runs: an internal of the engine, which powershell.exe
     * calls, too.
     */
    private static final String SERVER =
            "$t=[psobject].Assembly.GetType('System.Management.Automation.Remoting.Server.StdIOProcessMediator');"
                    + "[void]$t.GetMethod('Run',[Reflection.BindingFlags]'Static,NonPublic,Public').Invoke($null,@('','',$null,$null,$false))";

    /** The password of all machines; their user is {@code me}. */
    public static final String PASSWORD = "it's \"secret\" €";

    private final Path folder;
    private final PowerShellHost host;
    private final List<Object> machines = new ArrayList<>();
    private boolean module = true;
    private boolean denied;
    private boolean breaks;
    private boolean here;

    /**
     * @param folder for its files
     */
    public HyperV(Path folder, PowerShellHost host) {
        this.folder = folder;
        this.host = host;
    }

    /** A running machine that is a process here. */
    HyperV machine(String name) {
        return machine(name, "Running", here());
    }

    /** One whose session is broken as soon as it is open. */
    HyperV brokenMachine(String name) {
        breaks = true;
        return machine(name);
    }

    HyperV machine(String name, String state) {
        return machine(name, state, here());
    }

    /**
     * A machine whose session is the standard input and output of a command.
     *
     * @param way to a shell of Windows; what the machine is to run is added as its last word
     */
    public HyperV machineBehind(String name, List<String> way) {
        List<String> command = new ArrayList<>(way);
        command.add(
                "powershell.exe -NoLogo -NoProfile -NonInteractive -EncodedCommand " + encoded());
        return machine(name, "Running", command);
    }

    private List<String> here() {
        return List.of(host.program().toString(), "-NoProfile", "-EncodedCommand", encoded());
    }

    private static String encoded() {
        return Base64.getEncoder().encodeToString(SERVER.getBytes(StandardCharsets.UTF_16LE));
    }

    private HyperV machine(String name, String state, List<String> command) {
        Map<String, Object> machine = Ordered.map("name", name, "state", state, "user", "me");
        machine.put("password", PASSWORD);
        machine.put("id", "00000000-0000-0000-0000-" + String.format("%012d", machines.size()));
        machine.put("command", command);
        machine.put("breaks", breaks);
        machines.add(machine);
        return this;
    }

    /** What is for machines runs in the controller's own process. */
    HyperV withoutSessions() {
        here = true;
        return this;
    }

    HyperV withoutModule() {
        module = false;
        return this;
    }

    HyperV forNoAdministrator() {
        denied = true;
        return this;
    }

    /** The PowerShell of this controller. */
    public Path powerShell() {
        try (InputStream script = HyperV.class.getResourceAsStream("hyper-v.ps1")) {
            if (script == null) {
                throw new IllegalStateException("hyper-v.ps1 is missing");
            }
            Files.write(folder.resolve("hyper-v.ps1"), script.readAllBytes());
            Map<String, Object> what =
                    Ordered.map("module", module, "denied", denied, "here", here);
            what.put("machines", machines);
            Files.writeString(folder.resolve("machines.json"), Json.write(what));
            Path program = folder.resolve("powershell");
            Files.writeString(
                    program,
                    "#!/bin/sh\nexport "
                            + ScriptCoverage.VARIABLE
                            + "='"
                            + ScriptCoverage.folder()
                            + "'; exec '"
                            + host.program()
                            + "' -NoProfile -File '"
                            + folder.resolve("hyper-v.ps1")
                            + "' \"$@\"\n");
            if (!program.toFile().setExecutable(true)) {
                throw new IllegalStateException(program + " cannot be made executable");
            }
            return program;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a cluster file says of a machine. */
    static Cluster.Direct login(String machine) {
        return new Cluster.Direct(machine, "me", new Secret(PASSWORD), false);
    }

    Connection connect(Cluster.Direct direct) {
        return new DirectConnection("win1", direct, new LocalPowerShell(powerShell().toString()));
    }
}
