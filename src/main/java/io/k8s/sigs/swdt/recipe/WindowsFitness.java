package io.k8s.sigs.swdt.recipe;

import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.host.Facts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What speaks against a Windows host as such. Sources: kubernetes.io "Windows containers in
 * Kubernetes" (node OS: Server 2022 and 2025), and the threads that are named.
 */
final class WindowsFitness {

    private WindowsFitness() {}

    /** What a host may be made a node with, and should better be mended before. */
    static List<String> warnings(Cluster cluster, Facts host) {
        List<String> warnings = new ArrayList<>();
        if (host.text("kernel").matches("\\d{5}\\.\\d{1,6}")) {
            String[] build = host.text("kernel").split("\\.", -1);
            switch (build[0]) {
                // microsoft/Windows-Containers#516, mended by KB5044281, October 2024
                case "20348" -> faulty(host, Integer.parseInt(build[1]), 2762, warnings);
                // the overlay's fault of Windows Server 2025, mended by KB5066835, October 2025
                case "26100" -> {
                    if (!cluster.network().hostGateway()) {
                        faulty(host, Integer.parseInt(build[1]), 6899, warnings);
                    }
                }
                default -> {}
            }
        }
        if (host.has("no-page-file")) {
            // kubernetes/website#48535: limits and evictions count memory and page file together
            warnings.add(
                    "has no page file, without which processes end as soon as memory is short: let"
                            + " Windows manage one");
        }
        if (host.has("defender-managed")) {
            warnings.add(
                    "its Defender takes exclusions from its management only (tamper protection): have "
                            + WindowsContainerd.FOLDER
                            + "\\containerd.exe excluded there, or images unpack slowly");
        }
        if (!cluster.windows().firewallOff()) {
            for (List<String> profile : host.rows("firewall")) {
                if (profile.size() > 2
                        && profile.get(1).equals("True")
                        && profile.get(2).equals("False")) {
                    warnings.add(
                            "a group policy lets no local rule into its firewall ("
                                    + profile.getFirst()
                                    + "): have the policy let in TCP 10250, 10256, 30000-32767"
                                    + (cluster.network().hostGateway() ? "" : " and UDP 4789"));
                }
            }
        }
        return warnings;
    }

    private static void faulty(Facts host, int update, int firstGood, List<String> warnings) {
        if (update < firstGood) {
            warnings.add(
                    "its Windows, "
                            + host.text("kernel")
                            + ", has a known fault in its pod network: install updates, "
                            + host.osVersion()
                            + "."
                            + firstGood
                            + " or newer");
        }
    }

    /** What is wrong, with what to do. */
    static Map<String, String> refusals(Cluster cluster, Cluster.Node node, Facts host) {
        Map<String, String> refusals = new LinkedHashMap<>();
        if (host.text("installation").equals("Client")) {
            refusals.put(
                    "is " + host.osName() + ": Kubernetes runs on Windows Server only",
                    "use a host with Windows Server 2022 or 2025");
        } else {
            switch (host.osVersion()) {
                case "20348", "26100" -> {}
                case "17763" ->
                        refusals.put(
                                "is Windows Server 2019, which Kubernetes supports no more (kubernetes/website#53724)",
                                "use a host with Windows Server 2022 or 2025");
                default ->
                        refusals.put(
                                "is " + host.osName() + ", build " + host.osVersion(),
                                "use a host with Windows Server 2022 (build 20348) or 2025 (26100)");
            }
        }
        if (!host.platform().equals("windows/amd64")) {
            refusals.put(
                    "has the architecture " + host.text("arch"),
                    "use a host of x86-64: Kubernetes has no other for Windows");
        }
        if (!host.text("administrator").equals("yes")) {
            refusals.put(
                    "lets swdt log in as a user who is no administrator",
                    "log in as a member of Administrators (ssh.user)");
        }
        if (!host.tools().contains("tar.exe")) {
            refusals.put(
                    "lacks tar.exe in System32",
                    "it is part of Windows Server: repair it (sfc /scannow)");
        }
        if (node.direct() == null && host.has("sshd") && !host.text("sshd").equals("Automatic")) {
            refusals.put(
                    "starts its SSH server by hand only, and would stay away after its restart",
                    "Set-Service -Name sshd -StartupType Automatic");
        }
        if (cluster.windows().rename()
                && host.has("domain")
                && !host.text("hostname").equalsIgnoreCase(node.name())) {
            refusals.put(
                    "is a member of the domain "
                            + host.text("domain")
                            + ", where its name is changed with a login of that domain only",
                    "rename it by hand, or leave windows.rename out");
        }
        if (!cluster.windows().chocolatey().isEmpty()
                && host.has("chocolatey")
                && !host.text("chocolatey").matches("([2-9]|[1-9]\\d+)\\..*")) {
            refusals.put(
                    host.text("chocolatey").equals("elsewhere")
                            ? "has a Chocolatey outside of " + WindowsNode.CHOCOLATEY
                            : "has Chocolatey "
                                    + host.text("chocolatey")
                                    + ", and swdt can drive 2.0 and newer only",
                    "upgrade or remove it by hand, or leave windows.packages.chocolatey out");
        }
        if (host.has("no-features")) {
            refusals.put(
                    "has no Get-WindowsFeature, by which features are installed",
                    "use Windows Server");
        }
        return refusals;
    }
}
