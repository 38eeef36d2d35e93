package io.k8s.sigs.swdt.lab;

import java.util.ArrayList;
import java.util.List;

/** One throw-away host. Thread-safe as far as commands on the host don't disturb each other. */
public final class LabHost {

    private final LabRun run;
    private final String os;
    private final String name;
    private final String address;

    LabHost(LabRun run, String os, String name, String address) {
        this.run = run;
        this.os = os;
        this.name = name;
        this.address = address;
    }

    /**
     * How a command on the host ended.
     *
     * @param exit exit code; 255 also where SSH itself failed
     * @param stdout what it wrote, UTF-8
     * @param stderr what it wrote there
     */
    public record Result(int exit, String stdout, String stderr) {}

    /** Its hostname. */
    public String name() {
        return name;
    }

    boolean isWindows() {
        return os.equals("windows");
    }

    /** Its IPv4 address, reachable from this machine. */
    public String address() {
        return address;
    }

    /** Runs a command line as root in the host's shell, whatever its exit code. */
    public Result exec(String command) {
        return as("root", command, "");
    }

    /** Runs a command line as another user: {@code deploy} or {@code sudopw}. */
    public Result execAs(String user, String command) {
        return as(user, command, "");
    }

    /**
     * Runs a command line as root that must succeed.
     *
     * @return its standard output
     * @throws IllegalStateException with its output if it fails
     */
    public String run(String command) {
        return succeed(command, exec(command));
    }

    /** Puts a file there, its folder as well; 0644 where it is new. */
    public void write(String path, String text) {
        String quoted = quote(path);
        String command = "mkdir -p \"$(dirname " + quoted + ")\" && cat > " + quoted;
        succeed(command, as("root", command, text));
    }

    /** The text of a file. */
    public String read(String path) {
        return run("cat " + quote(path));
    }

    /** Whether there is something of that path. */
    public boolean has(String path) {
        return exec("test -e " + quote(path)).exit() == 0;
    }

    /** Pulls the network cable. */
    public void cut() {
        lab("cut", name);
    }

    /** Puts the network cable back. */
    public void mend() {
        lab("mend", name);
    }

    /** Power cut: at once, without a shutdown; the disk is kept. */
    public void down() {
        lab("down", name);
    }

    /** Power on, until it answers to SSH; a cold start if it was on. */
    public void up() {
        long owner = ProcessHandle.current().pid();
        lab("up", name, address, "--os", os, "--owner", Long.toString(owner));
    }

    /** Reboots it from inside and waits until its next boot answers to SSH. */
    public void reboot() {
        String before = bootId();
        exec("systemctl reboot");
        awaitBootAfter(before);
    }

    /**
     * Waits until another boot than this one answers to SSH.
     *
     * @param before as {@link #bootId} gave it
     */
    public void awaitBootAfter(String before) {
        String now = before;
        // being down is often too short to be seen: only another boot id tells
        while (now.isEmpty() || now.equals(before)) {
            lab("wait", name);
            now = bootId();
        }
    }

    /** Identifies the present boot; empty where the host doesn't answer. */
    public String bootId() {
        Result result = exec("cat /proc/sys/kernel/random/boot_id");
        return result.exit() == 0 ? result.stdout().strip() : "";
    }

    void destroy() {
        lab("destroy", name);
    }

    private Result as(String user, String command, String stdin) {
        Commands.Result result = run.lab(stdin, List.of("ssh", name, user + "@", command));
        return new Result(result.exit(), result.stdout(), result.stderr());
    }

    private String succeed(String command, Result result) {
        if (result.exit() != 0) {
            throw Commands.failed(
                    List.of(name + ":", command), result.exit(), result.stdout() + result.stderr());
        }
        return result.stdout();
    }

    private void lab(String... arguments) {
        Commands.Result result = run.lab("", List.of(arguments));
        if (result.exit() != 0) {
            List<String> command = new ArrayList<>(List.of("lab"));
            command.addAll(List.of(arguments));
            throw Commands.failed(command, result.exit(), result.stdout() + result.stderr());
        }
    }

    private static String quote(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }

    @Override
    public String toString() {
        return name + " (" + address + ")";
    }
}
