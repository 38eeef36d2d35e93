package io.k8s.sigs.swdt.plan;

import io.k8s.sigs.swdt.artifact.Artifact;
import java.util.List;
import java.util.Optional;

/** A change that only hosts with Windows know. */
public sealed interface WindowsChange extends Change {

    /**
     * A folder.
     *
     * @param path absolute
     */
    record Folder(String path) implements WindowsChange {

        @Override
        public String key() {
            return "folder " + path;
        }
    }

    /**
     * A value of the registry.
     *
     * @param path below HKEY_LOCAL_MACHINE
     * @param name of the value
     * @param kind {@code DWord} or {@code String}
     * @param value as text
     * @param restarts whether it takes effect with the host's next start
     */
    record Registry(String path, String name, String kind, String value, boolean restarts)
            implements WindowsChange {

        @Override
        public String key() {
            return "registry " + path + " " + name;
        }
    }

    /** A folder in the machine's PATH. */
    record PathEntry(String folder) implements WindowsChange {

        @Override
        public String key() {
            return "PATH " + folder;
        }
    }

    /**
     * A service that starts at boot, and again when it fails.
     *
     * @param name in the service manager
     * @param commandLine program and arguments, quoted as Windows takes them apart
     * @param depends services that must run before it
     * @param start whether it is started now; false where something else does that
     * @param ready a program with arguments that succeeds once the service serves; empty: not asked
     * @param log a file whose end says why it does not serve, or empty
     * @param programs paths of programs that a stopped service may leave running
     * @param owns folders that it fills; they are emptied again if they were empty or absent
     * @param basis whatever must lead to a restart when it differs, e.g. the text of its
     *     configuration
     */
    record Service(
            String name,
            String commandLine,
            List<String> depends,
            boolean start,
            List<String> ready,
            String log,
            List<String> programs,
            List<String> owns,
            String basis)
            implements WindowsChange {

        public Service {
            depends = List.copyOf(depends);
            ready = List.copyOf(ready);
            programs = List.copyOf(programs);
            owns = List.copyOf(owns);
        }

        @Override
        public String key() {
            return "service " + name;
        }

        @Override
        public boolean interrupts() {
            return start;
        }
    }

    /**
     * A rule that lets connections in.
     *
     * @param name unique on the host
     * @param title for people
     * @param protocol {@code TCP}, {@code UDP} or {@code ICMPv4}
     * @param port a port or a range, or empty where the protocol has none
     */
    record FirewallRule(String name, String title, String protocol, String port)
            implements WindowsChange {

        @Override
        public String key() {
            return "firewall rule " + name;
        }
    }

    /** The firewall is off, for all networks that the host may be in. */
    record FirewallOff() implements WindowsChange {

        @Override
        public String key() {
            return "firewall off";
        }
    }

    /** A program whose files Defender does not scan; holds where there is no Defender. */
    record DefenderExclusion(String process) implements WindowsChange {

        @Override
        public String key() {
            return "defender exclusion " + process;
        }
    }

    /**
     * The ports that outgoing connections take.
     *
     * @param protocol {@code tcp} or {@code udp}
     * @param first the lowest port
     * @param count how many
     */
    record PortRange(String protocol, int first, int count) implements WindowsChange {

        @Override
        public String key() {
            return "dynamic ports " + protocol;
        }
    }

    /**
     * A feature of a Windows server.
     *
     * @param name as Get-WindowsFeature has it
     * @param remove whether it goes again when the host is given back
     */
    record Feature(String name, boolean remove) implements WindowsChange {

        @Override
        public String key() {
            return "feature " + name;
        }
    }

    /** The computer's name, which holds from the host's next start on. */
    record ComputerName(String name) implements WindowsChange {

        @Override
        public String key() {
            return "computer name";
        }
    }

    /**
     * Chocolatey, installed from its own package where there is none.
     *
     * @param artifact a nupkg
     */
    record Chocolatey(Artifact artifact) implements WindowsChange {

        @Override
        public String key() {
            return "Chocolatey";
        }

        @Override
        public Optional<Artifact> upload() {
            return Optional.of(artifact);
        }
    }

    /** A package that Chocolatey installs, from the servers that it knows. */
    record ChocolateyPackage(String name) implements WindowsChange {

        @Override
        public String key() {
            return "Chocolatey package " + name;
        }
    }

    /**
     * A kubeconfig by which a program of the host speaks for a service account. Its token is added
     * when the program is made.
     *
     * @param path absolute; the token lies beside it, as {@code PATH.token}
     * @param server the API server's address
     * @param account {@code NAMESPACE/NAME}
     */
    record AccountKubeconfig(String path, String server, String account) implements WindowsChange {

        @Override
        public String key() {
            return "kubeconfig of " + account;
        }

        @Override
        public Optional<String> tokenOf() {
            return Optional.of(account);
        }
    }

    /**
     * A task that the system runs at each start, and now.
     *
     * @param name unique on the host
     * @param arguments for PowerShell
     * @param programs paths of programs that it starts, which end with it
     * @param owns folders that these fill
     * @param basis whatever must lead to a restart when it differs
     */
    record StartTask(
            String name, String arguments, List<String> programs, List<String> owns, String basis)
            implements WindowsChange {

        public StartTask {
            programs = List.copyOf(programs);
            owns = List.copyOf(owns);
        }

        @Override
        public String key() {
            return "task " + name;
        }

        @Override
        public boolean interrupts() {
            return true;
        }
    }

    /**
     * A network of pods, which others make. Makes nothing by itself; its entry in the journal says
     * that it was not there before.
     *
     * @param name as the host networking service has it
     */
    record PodNetwork(String name) implements WindowsChange {

        @Override
        public String key() {
            return "pod network " + name;
        }
    }

    /** The host restarts if something waits for that; what follows comes after it. */
    record Restart() implements WindowsChange {

        @Override
        public String key() {
            return "restart";
        }

        @Override
        public boolean interrupts() {
            return true;
        }
    }
}
