package io.k8s.sigs.swdt.connection;

import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.connection.ConnectException.Kind;
import io.k8s.sigs.swdt.value.Json;
import io.k8s.sigs.swdt.value.Ordered;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A virtual machine over PowerShell Direct, by {@code direct.ps1} on the controller. Each command
 * and each upload has a session of its own. Source: Microsoft Learn "Manage Windows Virtual
 * Machines with PowerShell Direct".
 */
final class DirectConnection implements Connection {

    private static final String RUN =
            "$h=l|ConvertFrom-Json;.([scriptblock]::Create((New-Object IO.StreamReader"
                    + " $i,$u).ReadToEnd()))";
    private static final int NO_SESSION = 80;
    private static final int SESSION_BROKE = 81;

    private final String name;
    private final Cluster.Direct direct;
    private final @Nullable LocalPowerShell powerShell;
    private final AtomicInteger commands = new AtomicInteger();
    // many sessions at a time into one machine were seen to crash (PowerShell#15098)
    private final ReentrantLock uploading = new ReentrantLock();

    /**
     * @param powerShell null where the controller has none
     */
    DirectConnection(String name, Cluster.Direct direct, @Nullable LocalPowerShell powerShell) {
        this.name = name;
        this.direct = direct;
        this.powerShell = powerShell;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Outcome run(RemoteCommand command, Consumer<String> lines) throws IOException {
        commands.incrementAndGet();
        if (command.shell() != RemoteCommand.Shell.POWERSHELL) {
            throw new IllegalArgumentException("PowerShell Direct runs PowerShell only");
        }
        Map<String, Object> what = request();
        what.put("script", command.script());
        what.put("text", command.input());
        return start(what, lines);
    }

    @Override
    public void upload(Path file, String sha256, String destination, LongConsumer progress)
            throws IOException {
        Map<String, Object> what = request();
        what.put("file", file.toAbsolutePath().toString());
        what.put("path", destination);
        what.put("sha256", sha256);
        long size = Files.size(file);
        try {
            uploading.lockInterruptibly();
        } catch (InterruptedException e) {
            throw Exec.interrupted(e);
        }
        try {
            Outcome outcome =
                    start(
                            what,
                            line ->
                                    progress.accept(
                                            line.startsWith("sent ")
                                                    ? Long.parseLong(line.substring(5))
                                                    : size));
            if (outcome.exitCode() != 0) {
                throw UploadException.of(destination, outcome);
            }
        } finally {
            uploading.unlock();
        }
    }

    private Map<String, Object> request() {
        return Ordered.map(
                "vm", direct.vm(), "user", direct.user(), "password", direct.password().reveal());
    }

    private Outcome start(Map<String, Object> what, Consumer<String> lines) throws IOException {
        LocalPowerShell local = powerShell;
        if (local == null) {
            throw new ConnectException(
                    Kind.PRIVILEGE,
                    name
                            + " cannot be reached by PowerShell Direct from here: it leads from a"
                            + " Windows host with Hyper-V into its virtual machines",
                    "run swdt on that host, or take connection out of the cluster file and use SSH",
                    null);
        }
        Outcome outcome =
                local.run(
                        RemoteCommand.powerShell(RUN, Json.write(what) + "\n" + Script.TEXT),
                        lines);
        List<String> errors = outcome.errorLines();
        String said = errors.isEmpty() ? "" : errors.getLast();
        if (outcome.exitCode() == NO_SESSION) {
            throw refusal(errors.size() < 2 ? "" : errors.get(errors.size() - 2), said);
        }
        if (outcome.exitCode() == SESSION_BROKE) {
            throw new ConnectionLostException(
                    "the connection to " + name + " broke: " + said, null);
        }
        return outcome;
    }

    private ConnectException refusal(String kind, String said) {
        String next =
                switch (kind) {
                    case "no-hyper-v" ->
                            "run swdt on the Hyper-V host itself, with Hyper-V's PowerShell module"
                                    + " (Enable-WindowsOptionalFeature -Online -FeatureName"
                                    + " Microsoft-Hyper-V-Management-PowerShell)";
                    case "no-rights" ->
                            "run swdt as an administrator of this host (PowerShell Direct wants one)";
                    case "no-machine" ->
                            "correct connection.powershellDirect.vm; look with Get-VM, as an"
                                    + " administrator: others see no machines";
                    case "many-machines" -> "rename one of them (Rename-VM)";
                    case "not-running" -> "start it: Start-VM -Name '" + direct.vm() + "'";
                    case "credential" ->
                            "correct connection.powershellDirect.user and password; where the account"
                                    + " is local, the user may be '.\\NAME'";
                    default ->
                            "look whether the machine has started and runs Windows, then try by hand:"
                                    + " Enter-PSSession -VMName '"
                                    + direct.vm()
                                    + "'";
                };
        Kind what =
                switch (kind) {
                    case "credential" -> Kind.AUTHENTICATION;
                    case "no-rights", "no-hyper-v" -> Kind.PRIVILEGE;
                    default -> Kind.UNREACHABLE;
                };
        return new ConnectException(
                what, name + " cannot be reached by PowerShell Direct: " + said, next, null);
    }

    @Override
    public int roundTrips() {
        return commands.get();
    }

    @Override
    public void close() {
        LocalPowerShell local = powerShell;
        if (local != null) {
            local.close();
        }
    }

    // read once, and only where it is wanted
    private static final class Script {

        static final String TEXT = read();

        private static String read() {
            try (InputStream in = DirectConnection.class.getResourceAsStream("direct.ps1")) {
                if (in == null) {
                    throw new IllegalStateException("resource direct.ps1 is missing");
                }
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
