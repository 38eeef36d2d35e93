package io.k8s.sigs.swdt.lab;

import java.util.ArrayList;
import java.util.List;

/**
 * What a user has on a Windows-like host before swdt comes, and a picture of the host that is taken
 * from the system below it and by reg.exe, without swdt's help.
 */
public final class WindowsBelongings {

    // the last line of the hosts file has no end
    private static final String BRING =
            """
            set -e
            printf '# mine\\r\\n10.9.8.7\\tdb.example  db\\r\\n  10.9.8.6 odd' >> /etc/hosts
            mkdir -p '/C:/k' '/C:/Program Files/containerd' '/C:/opt/cni/bin'
            printf 'mine' > '/C:/k/mine.txt'
            printf 'old kubectl' > '/C:/k/kubectl.exe'; touch -d 2020-02-02 '/C:/k/kubectl.exe'
            printf 'version = 2\\r\\n# mine' > '/C:/Program Files/containerd/config.toml'; touch -d 2020-02-02 '/C:/Program Files/containerd/config.toml'
            """;

    private static final List<String> BRING_WINDOWS =
            List.of(
                    "reg add \"HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment\" /v Path /t REG_EXPAND_SZ"
                            + " /d \"%SystemRoot%\\system32;%SystemRoot%;%SystemRoot%\\System32\\WindowsPowerShell\\v1.0;C:\\mine\" /f",
                    "reg add HKLM\\SYSTEM\\CurrentControlSet\\Policies\\Microsoft\\FeatureManagement\\Overrides /v 7 /t REG_DWORD /d 1 /f",
                    "powershell -Command New-NetFirewallRule -Name mine -DisplayName mine -Protocol TCP -LocalPort 9999",
                    "powershell -Command Set-NetFirewallProfile -Name Domain -Enabled False",
                    "netsh int ipv4 set dynamicport tcp start=49200 num=16000",
                    "powershell -Command Add-MpPreference -ExclusionProcess mine.exe");

    // the state of the stubs counts, but for the calls that they were asked
    private static final String PICTURE =
            """
            find /C: \\( -path '/C:/ProgramData/lab' -o -path '/C:/users' -o -path '/C:/windows/temp' -o -path '/C:/ProgramData/Microsoft' \\) -prune -o \\
              -type f -printf 'file %p %s ' -exec sha256sum {} \\; -o -printf 'other %y %p\\n' | sort
            for f in '/C:/k/kubectl.exe' '/C:/Program Files/containerd/config.toml'; do [ ! -e "$f" ] || stat -c 'time %n %Y' "$f"; done
            sha256sum /etc/hosts
            cd '/C:/ProgramData/lab/state'
            for f in *.json; do case $f in features.json) ;; *) [ "$(cat $f)" = '[]' ] || { printf '%s ' "$f"; cat "$f"; echo; } ;; esac; done
            ps -eo args= | grep -iE 'kubelet|containerd|kube-|flanneld' | grep -v grep
            """;

    private static final List<String> REGISTRY =
            List.of(
                    "reg query HKLM\\SYSTEM\\CurrentControlSet\\Services",
                    "reg query \"HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment\"",
                    "reg query HKLM\\SYSTEM\\CurrentControlSet\\Policies /s",
                    "reg query HKLM\\SOFTWARE\\Policies /s");

    private WindowsBelongings() {}

    /** Puts them on a host. */
    public static void bring(LabHost host) {
        host.run(BRING);
        for (String command : BRING_WINDOWS) {
            LabHost.Result result = host.execAs("Administrator", command);
            if (result.exit() != 0) {
                throw new IllegalStateException(command + ": " + result);
            }
        }
    }

    /** What is on the host now. */
    public static List<String> picture(LabHost host) {
        List<String> lines =
                new ArrayList<>(host.exec(PICTURE).stdout().lines().map(String::strip).toList());
        for (String command : REGISTRY) {
            host.execAs("Administrator", command)
                    .stdout()
                    .lines()
                    .map(String::strip)
                    .filter(l -> !l.isEmpty())
                    .forEach(lines::add);
        }
        return lines;
    }

    /** What is no longer there ({@code -}) and what is there now ({@code +}). */
    public static List<String> difference(List<String> before, LabHost host) {
        List<String> now = picture(host);
        List<String> difference = new ArrayList<>();
        before.stream().filter(l -> !now.contains(l)).forEach(l -> difference.add("- " + l));
        now.stream().filter(l -> !before.contains(l)).forEach(l -> difference.add("+ " + l));
        return difference;
    }
}
