package io.k8s.sigs.swdt.plan;

import java.util.List;

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
