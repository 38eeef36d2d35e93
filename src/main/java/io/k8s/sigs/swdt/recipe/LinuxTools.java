package io.k8s.sigs.swdt.recipe;

import io.k8s.sigs.swdt.host.Facts;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Programs that a node needs from its distribution: those that kubeadm's preflight demands (k/k
 * cmd/kubeadm/app/preflight: ip, iptables, mount, nsenter) and those that the agent itself uses.
 */
public final class LinuxTools {

    // by tool: package on Debian-like, on Red Hat-like systems
    private static final List<List<String>> PACKAGES =
            List.of(
                    List.of("ip", "iproute2", "iproute"),
                    List.of("iptables", "iptables", "iptables-nft"),
                    List.of("mount", "mount", "util-linux"),
                    List.of("nsenter", "util-linux", "util-linux"),
                    List.of("modprobe", "kmod", "kmod"),
                    List.of("openssl", "openssl", "openssl"));

    // without these the agent cannot work at all; every system with systemd has them
    private static final List<String> AGENT =
            List.of("tar", "sysctl", "systemctl", "flock", "awk", "sha256sum");

    private LinuxTools() {}

    /** Packages that bring what is missing; empty where nothing is. */
    public static List<String> missingPackages(Facts facts) {
        boolean redHat = !facts.text("packages").equals("apt-get");
        Set<String> names = new LinkedHashSet<>();
        for (List<String> row : PACKAGES) {
            if (!facts.tools().contains(row.getFirst())) {
                names.add(row.get(redHat ? 2 : 1));
            }
        }
        return List.copyOf(names);
    }

    /** Missing programs that no package manager in reach can bring. */
    public static List<String> unobtainable(Facts facts) {
        List<String> missing = new ArrayList<>();
        AGENT.stream().filter(t -> !facts.tools().contains(t)).forEach(missing::add);
        List<String> installable = facts.all("installable");
        for (List<String> row : PACKAGES) {
            if (!facts.tools().contains(row.getFirst())
                    && !installable.contains(row.get(1))
                    && !installable.contains(row.get(2))) {
                missing.add(row.getFirst());
            }
        }
        return missing;
    }
}
