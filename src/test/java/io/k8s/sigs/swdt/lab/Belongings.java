package io.k8s.sigs.swdt.lab;

import java.util.ArrayList;
import java.util.List;

/**
 * What a user has on a host before swdt comes, and a picture of the host that is taken without
 * swdt's help: all of it must be the same, byte for byte, after swdt has gone.
 */
public final class Belongings {

    // the last line of the hosts file has no end, and one has Windows's
    private static final String BRING =
            """
            set -e
            printf '# mine\\n10.9.8.7\\tdb.example  db\\r\\n  10.9.8.6 odd' >> /etc/hosts
            printf 'net.ipv4.tcp_keepalive_time = 7201\\n# %s\\n' "it's \\"mine\\" \\$HOME" > /etc/sysctl.d/50-mine.conf
            sysctl -q -w net.ipv4.tcp_keepalive_time=7201
            printf 'runtime-endpoint: unix:///mine.sock\\n' > /etc/crictl.yaml
            chmod 640 /etc/crictl.yaml; chown deploy:deploy /etc/crictl.yaml; touch -d 2020-02-02 /etc/crictl.yaml
            mkdir -p /opt/cni/bin /root/.kube; printf '#!/bin/sh\\n' > /opt/cni/bin/mine; chmod 755 /opt/cni/bin/mine
            printf 'old kubectl' > /usr/local/bin/kubectl; ln -s /opt/cni/bin/mine /usr/local/bin/crictl
            printf 'apiVersion: v1\\n' > /root/.kube/config
            printf '/swapfile none swap sw 0 0\\n#end' >> /etc/fstab
            """;

    // nothing keeps them over a boot but what the user has for that
    private static final String RULES =
            """
            iptables -N MINE; iptables -A INPUT -p tcp --dport 9999 -j MINE; iptables -A MINE -s 10.9.8.0/24 -j ACCEPT
            iptables -t nat -A POSTROUTING -s 10.9.8.0/24 -j MASQUERADE -m comment --comment "it's mine"
            """;

    // stamps of files, not of folders: putting a file back alters its folder's. Left out is what
    // hosts change by themselves, and what the lab writes anew at each boot
    private static final String PICTURE =
            """
            find /etc /opt /usr/local /usr/lib/systemd /root /home /var /srv -xdev \\
              \\( -path /var/lib/systemd -o -path /var/log -o -path /var/tmp -o -path /var/cache -o -path '/var/lib/sudo' -o -path /etc/.pwd.lock -o -path /var/lib/private -o -path /etc/resolv.conf -o -name 10-lab.network -o -name lab-init \\) -prune -o \\
              -type f -printf 'file %p %s %m %U:%G %T@ ' -exec sha256sum {} \\; -o -type l -printf 'link %p %l\\n' -o -printf 'other %y %p %m %U:%G\\n' | sort
            ls -A / /run /var/lib/containerd /var/lib/kubelet /var/lib/etcd /var/log /tmp | grep -v systemd-private
            iptables-save | sed -e '/^#/d' -e 's/ \\[[0-9:]*\\]$//'
            ip6tables-save | sed -e '/^#/d' -e 's/ \\[[0-9:]*\\]$//'
            nft list ruleset
            ip -o link | sed -e 's/ qdisc .*//' -e 's/@if[0-9]*//' | sort; ip -o -4 addr; ip route; ip rule
            sysctl -a 2> /dev/null | grep -E '^net\\.(ipv4\\.(ip_forward|tcp_keepalive_time|conf\\.(all|default|host0))|bridge)' | sort
            systemctl list-unit-files --no-legend --no-pager | awk '{ print "unit", $1, $2 }' | sort
            systemctl --failed --no-legend --no-pager
            awk '{ print $2 }' /proc/mounts | sort
            ps -eo comm= | grep -vE '^(ps|grep|sh|bash|sshd|find|sort|awk|sed|systemd|\\(sd-pam\\)|sd-pam|systemctl|kworker.*)$' | sort -u
            """;

    private Belongings() {}

    /** Puts them on a host. */
    public static void bring(LabHost host) {
        host.run(BRING);
        bringRules(host);
    }

    /** Puts the packet filter's rules on a host, after a boot as well. */
    public static void bringRules(LabHost host) {
        host.run(RULES);
    }

    /** What is on the host now. */
    public static List<String> picture(LabHost host) {
        return host.run(PICTURE).lines().toList();
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
