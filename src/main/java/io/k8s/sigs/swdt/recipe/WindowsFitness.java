package io.k8s.sigs.swdt.recipe;

import io.k8s.sigs.swdt.host.Facts;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What speaks against a Windows host as such. Sources: kubernetes.io "Windows containers in
 * Kubernetes" (node OS: Server 2022 and 2025), and the threads that are named.
 */
final class WindowsFitness {

    // KB5044281, October 2024
    private static final int FIRST_GOOD_2022 = 2762;

    private WindowsFitness() {}

    /** What a host may be made a node with, and should better be mended before. */
    static Optional<String> warning(Facts host) {
        String[] build = host.text("kernel").split("\\.", 2);
        boolean old =
                host.osVersion().equals("20348")
                        && build.length == 2
                        && build[1].matches("\\d{1,6}")
                        && Integer.parseInt(build[1]) < FIRST_GOOD_2022;
        return old
                ? Optional.of(
                        "Windows Server 2022 "
                                + host.text("kernel")
                                + " has a known fault in its pod network (microsoft/Windows-Containers#516):"
                                + " install updates, 20348."
                                + FIRST_GOOD_2022
                                + " or newer")
                : Optional.empty();
    }

    /** What is wrong, with what to do. */
    static Map<String, String> refusals(Facts host) {
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
        if (host.has("no-features")) {
            refusals.put(
                    "has no Get-WindowsFeature, by which features are installed",
                    "use Windows Server");
        }
        return refusals;
    }
}
