# shellcheck shell=sh
# Kinds of change that make a host a node: containerd, images, pod network, kubeadm init and join, manifests.
KUBECONFIG_ADMIN=/etc/kubernetes/admin.conf
# its cache is ours: the default one is in root's home
admin() { kubectl --kubeconfig $KUBECONFIG_ADMIN --cache-dir "$S/cache" "$@"; }

# what is in a folder goes, the folder too if it was not there; never a mount, never through a link
empty_dir() {   # FOLDER BEFORE: `absent` or what else was there before
    [ -d "$1" ] && [ ! -h "$1" ] || return 0
    find "$1" -xdev -mindepth 1 -depth -exec rm -rf --one-file-system {} + 2> /dev/null || find "$1" -xdev -mindepth 1 -depth -delete
    [ "$2" != absent ] || mountpoint -q "$1" || rmdir "$1"
}
dir_before() { if [ ! -e "$1" ]; then printf absent; elif [ -z "$(ls -A "$1")" ]; then printf empty; else printf full; fi; }
save_dirs() { for FOLDER; do printf '%s %s %s\n' "$(dir_before "$FOLDER")" "$FOLDER" "$(stat -c '%a %u:%g' "$FOLDER" 2> /dev/null)"; done > "$E/folders"; }
# only what was absent or empty before is emptied: anything else was not ours; mode and owner are as they were
restore_dirs() {
    while read -r BEFORE FOLDER PERMISSIONS OWNERS; do
        [ "$BEFORE" = full ] || empty_dir "$FOLDER" "$BEFORE"
        [ "$BEFORE" = absent ] || [ ! -d "$FOLDER" ] || { chown "$OWNERS" "$FOLDER"; chmod "$PERMISSIONS" "$FOLDER"; }
    done < "$E/folders"
}
unmount_below() { awk -v p="$1/" 'index($2, p) == 1 { print $2 }' /proc/mounts | sort -r | while IFS= read -r MOUNT; do MOUNT=$(printf '%b' "$(printf '%s' "$MOUNT" | sed 's/\\\([0-7]\)/\\0\1/g')"); umount "$MOUNT" 2> /dev/null || umount -l "$MOUNT"; done; }
# the processes of pods: all in the kubelet's control groups, and containerd's shims
pod_processes() {
    find /sys/fs/cgroup -path '*kubepods*' -name cgroup.procs -exec cat {} + 2> /dev/null || true
    for PROCESS in /proc/[0-9]*; do case $(tr '\0' ' ' 2> /dev/null < "$PROCESS/cmdline") in *containerd-shim-runc-v2\ *-namespace\ k8s.io*) printf '%s\n' "${PROCESS#/proc/}" ;; esac; done
}
stop_pods() {
    # shellcheck disable=SC2034 # a count
    for ROUND in 1 2 3 4 5 6 7 8 9 10; do
        PROCESSES=$(pod_processes | sort -un | grep -vx 0 || true)
        [ -n "$PROCESSES" ] || break
        # shellcheck disable=SC2086
        kill -9 $PROCESSES 2> /dev/null || true
        sleep 0.2 2> /dev/null || sleep 1
    done
    systemctl stop kubepods.slice 2> /dev/null || true
    systemctl reset-failed 'cri-containerd-*' 2> /dev/null || true
}

# --- containerd: its service and all that it keeps; a new digest restarts it
k_containerd_state() { k_service_state containerd yes; }
k_containerd_holds() { journalled containerd yes; }
k_containerd_save() {
    service_state containerd > "$E/service"
    save_dirs /var/lib/containerd /run/containerd /run/nri /opt/containerd
    missing_dirs /etc/cni/net.d/x > "$E/dirs" # containerd makes them as it starts
}
k_containerd_apply() {
    k_service_apply containerd yes
    # shellcheck disable=SC2034 # a count
    for ROUND in $(seq 100); do ctr --connect-timeout 2s version > /dev/null 2>&1 && return 0; sleep 0.1 2> /dev/null || sleep 1; done
    run ctr --connect-timeout 2s version
}
k_containerd_verify() { k_service_verify containerd yes; }
k_containerd_revert() {
    stop_pods
    k_service_revert containerd
    unmount_below /run/containerd; unmount_below /var/lib/containerd
    restore_dirs
}

# --- image REFERENCE SHA256: into containerd's store, from an uploaded archive
image_digest() { ctr -n k8s.io images ls "name==$1" 2> /dev/null | awk 'NR == 2 { print $3 }'; }
k_image_state() { IMAGE=$(image_digest "$1"); printf '%s' "${IMAGE:-absent}"; }
k_image_holds() { journalled "$@"; }
k_image_save() { :; }
# read by ctr itself, where it can: three times faster than through the daemon's transfer service (containerd 2.3.4)
k_image_apply() {
    LOCAL=''; case $(ctr images import --help 2> /dev/null) in *--local*) LOCAL=--local ;; esac
    # shellcheck disable=SC2086 # a flag or nothing
    run ctr -n k8s.io images import --digests=false --no-unpack $LOCAL "$BLOB"
}
k_image_verify() { image_digest "$1" > "$D/state"; [ -s "$D/state" ] || die "the archive does not hold $1"; }
k_image_revert() { systemctl is-active -q containerd && run ctr -n k8s.io images rm "$1"; true; }

# --- pods: nothing by itself; it owns what the pods of a node leave on it: links, network namespaces, packet filter rules, files, sysctls
POD_FILES="/etc/cni/net.d/10-flannel.conflist /run/flannel /var/lib/cni /opt/cni/bin/flannel /var/log/pods /var/log/containers /run/xtables.lock /run/netns /var/lib/dockershim /var/lib/calico"
NODE_SYSCTLS="net.ipv4.ip_forward net.ipv4.conf.all.route_localnet net.ipv4.conf.default.route_localnet net.ipv4.vs.conntrack net.netfilter.nf_conntrack_max net.netfilter.nf_conntrack_tcp_timeout_established net.netfilter.nf_conntrack_tcp_timeout_close_wait net.netfilter.nf_conntrack_tcp_be_liberal vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops kernel.keys.root_maxkeys kernel.keys.root_maxbytes net.bridge.bridge-nf-call-iptables net.bridge.bridge-nf-call-ip6tables"
links() { for LINK in /sys/class/net/*; do printf '%s\n' "${LINK##*/}"; done; }
# the tables of one iptables back end without comments and counters
filters() { "$1" 2> /dev/null | sed -e '/^#/d' -e 's/ \[[0-9:]*\]$//'; }
filter_tools() { has iptables-save && echo iptables-save; has ip6tables-save && echo ip6tables-save; [ -s /proc/net/ip_tables_names ] && has iptables-legacy-save && echo iptables-legacy-save; [ -s /proc/net/ip6_tables_names ] && has ip6tables-legacy-save && echo ip6tables-legacy-save; true; }
nft_tables() { ! has nft || nft list tables 2> /dev/null; }
# FAMILY TABLE CHAIN, a line each
nft_chains() { ! has nft || nft list chains 2> /dev/null | awk '$1 == "table" { table = $2 " " $3 } $1 == "chain" { print table, $2 }'; }
k_pods_state() { find_entry "$KEY"; if [ -n "$FOUND" ]; then printf recorded; else printf absent; fi; }
k_pods_holds() { find_entry "$KEY"; [ -n "$FOUND" ] && [ -f "$FOUND/after" ]; }
k_pods_save() {
    : > "$E/always"
    links > "$E/links"
    for TOOL in $(filter_tools); do filters "$TOOL" > "$E/$TOOL"; done
    nft_tables > "$E/nft"; nft_chains > "$E/chains"
    for FILE in $POD_FILES; do [ ! -e "$FILE" ] || printf '%s\n' "$FILE"; done > "$E/files"
    for NAME in $NODE_SYSCTLS; do printf '%s %s\n' "$NAME" "$(k_sysctl_state "$NAME")"; done > "$E/sysctls"
}
k_pods_apply() { :; }
k_pods_verify() { :; }
# routes of flannel's host-gw to other hosts' pods: NETWORK GATEWAY, a line each. Its network stands in the file that it leaves for the CNI plugin
pod_routes() {
    [ -f /run/flannel/subnet.env ] || return 0
    ip -4 route show | grep ' via ' | awk -v pods="$(sed -n 's/^FLANNEL_NETWORK=//p' /run/flannel/subnet.env)" '
        function number(address, part) { split(address, part, "."); return ((part[1] * 256 + part[2]) * 256 + part[3]) * 256 + part[4] }
        BEGIN { split(pods, p, "/"); size = 2 ^ (32 - p[2]) }
        $1 ~ /^[0-9.]+\/[0-9]+$/ { split($1, n, "/"); if (n[2] > p[2] && int(number(n[1]) / size) == int(number(p[1]) / size)) print $1, $3 }'
}
# by name: chains that Kubernetes, the CNI plugins and flannel make, and the rules that jump to them; all else stays in its order
own_chain='^(KUBE-|CNI-|FLANNEL-)'
clean_filters() {   # iptables|ip6tables SAVED
    has "$1" || return 0
    for TABLE in mangle nat filter raw; do
        filters "$1-save" | awk -v t="*$TABLE" '$0 == t { on = 1; next } /^COMMIT/ { on = 0 } on' > "$D/table"
        awk -v own="$own_chain" '/^-A/ { chain = $2; jump = ""; for (i = 3; i < NF; i++) if ($i == "-j" || $i == "-g") jump = $(i + 1); if (chain !~ own && jump ~ own) { sub(/^-A/, "-D"); print } }' "$D/table" > "$D/rules"
        awk -v own="$own_chain" '/^:/ { name = substr($1, 2); if (name ~ own) print name }' "$D/table" > "$D/chains"
        [ -s "$D/rules" ] || [ -s "$D/chains" ] || continue
        { printf '*%s\n' "$TABLE"; sed 's/.*/:& - [0:0]/' "$D/chains"; cat "$D/rules"; sed 's/^/-F /' "$D/chains"; sed 's/^/-X /' "$D/chains"; printf 'COMMIT\n'; } > "$D/restore"
        run "$1-restore" --noflush "$D/restore" || { cat "$D/restore"; return 1; }
    done
}
k_pods_revert() {
    stop_pods
    for LINK in $(links | grep -vxFf "$E/links" || true); do case $LINK in cni0 | flannel.* | veth* | flannel-v6.* | kube-ipvs0) ip link delete "$LINK" 2> /dev/null || true ;; esac; done
    pod_routes | while read -r NETWORK GATEWAY; do ip -4 route delete "$NETWORK" via "$GATEWAY" 2> /dev/null || true; done
    for NETNS in /run/netns/cni-*; do [ ! -e "$NETNS" ] || { umount -l "$NETNS" 2> /dev/null; rm -f "$NETNS"; }; done
    unmount_below /run/netns
    clean_filters iptables; clean_filters ip6tables
    if has nft; then
        # tables that were not there: kube-proxy's and flannel's own, and those of iptables-nft once nothing is left in them
        nft_tables | grep -vxFf "$E/nft" > "$D/tables" || true
        while read -r _ FAMILY TABLE; do
            case $TABLE in
                kube-proxy | flannel-ipv4 | flannel-ipv6) run nft delete table "$FAMILY" "$TABLE" ;;
                filter | nat | mangle | raw) nft -s list table "$FAMILY" "$TABLE" 2> /dev/null | grep -qvE '^(table |	chain |		type |	}|}|$)' || run nft delete table "$FAMILY" "$TABLE" ;;
            esac
        done < "$D/tables"
        # and the empty chains that iptables-nft adds to a table of the user's as soon as it looks at it
        nft_chains | grep -vxFf "$E/chains" > "$D/new-chains" || true
        while read -r FAMILY TABLE CHAIN; do case $CHAIN in PREROUTING | INPUT | FORWARD | OUTPUT | POSTROUTING) nft delete chain "$FAMILY" "$TABLE" "$CHAIN" 2> /dev/null || true ;; esac; done < "$D/new-chains"
    fi
    for FILE in $POD_FILES; do
        grep -qxF "$FILE" "$E/files" && continue
        case $FILE in
            /run/netns) rmdir "$FILE" 2> /dev/null || true ;;
            *) [ ! -d "$FILE" ] || unmount_below "$FILE"; rm -rf --one-file-system "$FILE" ;;
        esac
    done
    restore_sysctls
}
restore_sysctls() { while read -r NAME VALUE; do case $VALUE in absent*) ;; *) [ "$(k_sysctl_state "$NAME")" = "$VALUE" ] || sysctl -q -w "$NAME=$VALUE" || true ;; esac; done < "$E/sysctls"; }

# --- init, join: kubeadm with a configuration that holds a token, from a file of 0600; the digest is that of all but the token
NODE_DIRS="/etc/kubernetes /var/lib/kubelet /var/lib/etcd /root/.kube /var/lib/kubelet-plugins /usr/libexec/kubernetes"
node_save() {
    : > "$E/always"
    # shellcheck disable=SC2086
    save_dirs $NODE_DIRS
    for NAME in $NODE_SYSCTLS; do printf '%s %s\n' "$NAME" "$(k_sysctl_state "$NAME")"; done > "$E/sysctls"
}
node_revert() {
    # a kubelet that is told to stop waits for its pods; this node has none worth waiting for
    systemctl kill -s KILL kubelet 2> /dev/null || true
    systemctl stop kubelet 2> /dev/null || true
    stop_pods
    unmount_below /var/lib/kubelet
    if has crictl && systemctl is-active -q containerd; then ctr -n k8s.io containers ls -q 2> /dev/null | xargs -r ctr -n k8s.io containers rm > /dev/null 2>&1 || true; fi
    restore_dirs
    restore_sysctls
    systemctl reset-failed kubelet 2> /dev/null || true
}
ca_hash() { printf 'sha256:%s' "$(openssl x509 -pubkey -noout -in /etc/kubernetes/pki/ca.crt | openssl pkey -pubin -outform der | sha256sum | cut -c 1-64)"; }
k_init_state() { if [ -f $KUBECONFIG_ADMIN ] && [ -f /etc/kubernetes/kubelet.conf ]; then printf initialised; else printf absent; fi; }
k_init_holds() { find_entry "$KEY"; [ -n "$FOUND" ] && [ -f "$FOUND/after" ] && [ "$(k_init_state)" = initialised ]; }
k_init_save() { node_save; }
k_init_apply() {
    run kubeadm init --skip-token-print --config "$D/secret/init"
    output ca-hash "$(ca_hash)"
}
k_init_verify() { [ "$(k_init_state)" = initialised ]; }
k_init_revert() { node_revert; }

k_join_state() { if [ -f /etc/kubernetes/kubelet.conf ] && [ -f /var/lib/kubelet/config.yaml ]; then printf joined; else printf absent; fi; }
k_join_holds() { find_entry "$KEY"; [ -n "$FOUND" ] && [ -f "$FOUND/after" ] && [ "$(k_join_state)" = joined ]; }
k_join_save() { node_save; }
# a node that was reset by hand counts as Ready for most of a minute, and kubeadm refuses to join another of its name
k_join_apply() {
    TRIES=12
    while :; do
        JOIN_RC=0
        run kubeadm join --config "$D/secret/join" > "$D/said" 2>&1 || JOIN_RC=$?
        cat "$D/said"
        TRIES=$((TRIES - 1))
        if [ "$JOIN_RC" = 0 ] || [ "$TRIES" = 0 ] || ! grep -q 'already exists in the cluster' "$D/said"; then break; fi
        rm -f /etc/kubernetes/pki/ca.crt /etc/kubernetes/bootstrap-kubelet.conf /etc/kubernetes/kubelet.conf
        sleep 7
    done
    rm -f "$D/said"
    return "$JOIN_RC"
}
k_join_verify() { [ "$(k_join_state)" = joined ]; }
k_join_revert() { node_revert; }

# --- token ID: the bootstrap token of this run, made from a file of 0600; untoken deletes it. No state of the host: nothing to revert
k_token_state() { printf absent; }
k_token_holds() { [ "$MODE" = run ] && admin -n kube-system get secret "bootstrap-token-$1" > /dev/null 2>&1; }
k_token_save() { :; }
k_token_apply() { run kubeadm token create --kubeconfig $KUBECONFIG_ADMIN --config "$D/secret/token" > /dev/null; }
k_token_verify() { :; }
k_token_revert() { :; }
k_untoken_state() { printf absent; }
# asked for only where nodes join: a check must not say that there is nothing to delete before there is anything
k_untoken_holds() { [ "$MODE" = run ] && ! admin -n kube-system get secret "bootstrap-token-$1" > /dev/null 2>&1; }
k_untoken_save() { :; }
k_untoken_apply() { run kubeadm token delete --kubeconfig $KUBECONFIG_ADMIN "$1"; }
k_untoken_verify() { :; }
k_untoken_revert() { :; }

# --- manifest NAME TEXT: objects of the cluster, which go with it
k_manifest_state() { find_entry "$KEY"; if [ -n "$FOUND" ]; then printf applied; else printf absent; fi; }
k_manifest_holds() { find_entry "$KEY"; [ -n "$FOUND" ] && [ -f "$FOUND/after" ] && [ "$(cat "$FOUND/digest")" = "$DIGEST" ]; }
k_manifest_save() { :; }
k_manifest_apply() { printf '%s' "$2" > "$D/manifest"; run admin apply -f "$D/manifest"; rm -f "$D/manifest"; }
k_manifest_verify() { :; }
k_manifest_revert() { :; }
