# shellcheck shell=sh
# What a host is today. Reads only.

fact() { emit fact "$@"; }
facts() {
    clock
    fact time "$(date +%s)"
    # shellcheck source=/dev/null
    if [ -f /etc/os-release ]; then (. /etc/os-release; fact os "$(uname -s)" "${ID:-}" "${VERSION_ID:-}" "${PRETTY_NAME:-}" "${ID_LIKE:-}"); else fact os "$(uname -s)" '' '' '' ''; fi
    fact kernel "$(uname -r)"
    fact arch "$(uname -m)"
    fact hostname "$(cat /proc/sys/kernel/hostname)"
    fact cpus "$(grep -c ^processor /proc/cpuinfo)"
    fact memory "$(awk '/^MemTotal:/ { print $2 }' /proc/meminfo)"
    fact boot "$(cat /proc/sys/kernel/random/boot_id)"
    fact machine-id "$(cat /etc/machine-id 2> /dev/null)"
    fact init "$(cat /proc/1/comm)"
    if [ -f /sys/fs/cgroup/cgroup.controllers ]; then fact cgroup v2; else fact cgroup v1; fi
    fact disk /var "$(df -Pk /var | awk 'NR == 2 { print $4 }')"
    for LINK in /sys/class/net/*; do [ "${LINK##*/}" = lo ] || fact link "${LINK##*/}" "$(cat "$LINK/address" 2> /dev/null)"; done
    ip -4 -o addr show 2> /dev/null | while read -r _ DEVICE _ ADDRESS _; do fact address "$DEVICE" "$ADDRESS"; done
    ip -4 route show 2> /dev/null | while read -r NETWORK REST; do fact route "$NETWORK" "$(printf '%s' "$REST" | sed -n 's/.*dev \([^ ]*\).*/\1/p')"; done
    swap_devices | while IFS= read -r DEVICE; do fact swap "$DEVICE"; done
    [ -z "$(swap_fstab; swap_unmasked)" ] || fact swap-at-boot yes
    for TOOL in ip iptables mount nsenter conntrack tar modprobe sysctl systemctl flock openssl awk sha256sum; do has "$TOOL" && fact tool "$TOOL"; done
    fact packages "$(package_tool)"
    facts_packages
    [ ! -d /etc/cloud ] || fact cloud-init yes
    ! systemctl is-active -q systemd-resolved 2> /dev/null || fact resolved yes
    # the variable's name only: its value may hold a login
    [ -z "${https_proxy:-${HTTPS_PROXY:-}}" ] || fact proxy HTTPS_PROXY
    fact no-proxy "${no_proxy:-${NO_PROXY:-}}"
    ! has getenforce || fact selinux "$(getenforce)"
    ! systemctl is-active -q firewalld 2> /dev/null || fact firewalld yes
    facts_ports; facts_foreign; facts_swdt
}
# ports in use, without ss: /proc/net/tcp's hexadecimal column of sockets that listen (state 0A)
facts_ports() {
    cat /proc/net/tcp /proc/net/tcp6 2> /dev/null | awk '$4 == "0A" { n = split($2, a, ":"); print a[n] }' | sort -u |
        while IFS= read -r PORT; do fact port "$((0x$PORT))"; done
}
# which packages could be had for what kubeadm wants: asked only when something is missing
facts_packages() {
    WANTED=''
    has ip || WANTED="$WANTED iproute2 iproute"; has iptables || WANTED="$WANTED iptables iptables-nft"; has nsenter || WANTED="$WANTED util-linux"
    has mount || WANTED="$WANTED mount"; has modprobe || WANTED="$WANTED kmod"; has conntrack || WANTED="$WANTED conntrack conntrack-tools"; has openssl || WANTED="$WANTED openssl"
    [ -n "$WANTED" ] || return 0
    D=$(mktemp -d)
    # shellcheck disable=SC2086 # a list of names
    case $(package_tool) in
        apt-get) { apt -o Acquire::http::Timeout=5 -o Acquire::Retries=0 update && apt-cache -o Dir::State::lists="$D/apt/lists" -o Dir::Cache="$D/apt/cache" pkgnames; } > "$D/names" 2> /dev/null ;;
        dnf | yum) "$(package_tool)" -q list --available $WANTED 2> /dev/null < /dev/null | awk -F. 'NR > 1 { print $1 }' > "$D/names" ;;
        *) : > "$D/names" ;;
    esac
    for NAME in $WANTED; do ! grep -qxF "$NAME" "$D/names" || fact installable "$NAME"; done
    rm -rf "$D"
}
# traces of a Kubernetes, a runtime or a pod network
facts_foreign() {
    for FOREIGN in /etc/kubernetes/kubelet.conf /etc/kubernetes/admin.conf /etc/kubernetes/manifests/*.yaml /var/lib/kubelet/config.yaml /var/lib/etcd/member /etc/rancher /var/lib/rancher /var/lib/k0s \
        /etc/containerd/config.toml /usr/bin/containerd /usr/local/bin/containerd /usr/bin/dockerd /usr/bin/crio /usr/bin/kubelet /usr/local/bin/kubelet /snap/bin/microk8s /etc/cni/net.d/*; do
        [ ! -e "$FOREIGN" ] || fact foreign "$FOREIGN"
    done
    for UNIT in kubelet containerd docker crio k3s k3s-agent rke2-server rke2-agent; do ! systemctl is-active -q $UNIT 2> /dev/null || fact foreign "service $UNIT"; done
}
facts_swdt() {
    if [ -f "$S/owner" ]; then { read -r A; read -r B; read -r C; read -r T; } < "$S/owner"; fact owner "$A" "$B" "$C" "$T"; fi
    if [ -f "$S/lease" ]; then { read -r A; read -r B; read -r C; } < "$S/lease"; fact lease "$A" "$((B - $(date +%s)))" "$C"; fi
    if [ -f "$S/running" ] && has flock && ! is_free; then fact running "$(cat "$S/running")"; fi
    for ENTRY in "$J"/[0-9]*; do [ ! -f "$ENTRY/key" ] || fact entry "$(cat "$ENTRY/key")" "$(if [ -f "$ENTRY/after" ]; then echo complete; else echo begun; fi)"; done
    for BLOB_FILE in "$S"/files/*; do case $BLOB_FILE in *.swdt-part | *\*) ;; *) fact blob "${BLOB_FILE##*/}" ;; esac; done
    if [ -f /etc/kubernetes/pki/ca.crt ] && has openssl; then fact ca-hash "$(ca_hash)"; fi
    facts_network
}
# the network that runs: what kubeadm gave the controller manager, and what flannel's pod has mounted
facts_network() {
    for PAIR in pod-subnet=cluster-cidr service-subnet=service-cluster-ip-range; do
        VALUE=$(sed -n "s/^ *- --${PAIR#*=}=//p" /etc/kubernetes/manifests/kube-controller-manager.yaml 2> /dev/null)
        [ -z "$VALUE" ] || fact "${PAIR%%=*}" "$VALUE"
    done
    for FILE in /var/lib/kubelet/pods/*/volumes/kubernetes.io~configmap/flannel-cfg/net-conf.json; do
        [ -f "$FILE" ] || continue
        VALUE=$(sed -n 's/.*"Type": *"\([^"]*\)".*/\1/p' "$FILE" | head -n 1)
        [ -z "$VALUE" ] || { fact backend "$VALUE"; break; }
    done
}

# What must be the same before the first change and after the last revert: one line a thing, sorted by nobody.
footprint() {
    # settings by content; programs by size, mode and owner; the swap of caches and stamps by programs of the system does not count
    find /etc -xdev -type f ! -name '*.swdt-*' ! -path /etc/ld.so.cache ! -path /etc/adjtime ! -path /etc/mtab ! -path '/etc/resolv.conf*' ! -path /etc/.pwd.lock ! -path '/etc/ssl/certs/*' -exec sha256sum {} + 2> /dev/null | sed 's/^/content /'
    find /etc /opt /usr/local /usr/libexec /root -xdev ! -path '/etc/resolv.conf*' ! -path /etc/ld.so.cache ! -path '/root/.cache*' ! -path '/root/.*_history' ! -path '/root/.lesshst' ! -type d -exec stat -c 'file %n %s %a %u:%g' {} + 2> /dev/null
    find /etc /opt /usr/local /usr/libexec /root -xdev -type d ! -path '/root/.cache*' -exec stat -c 'folder %n %a %u:%g' {} + 2> /dev/null
    find /etc /opt /usr/local -xdev -type l -exec sh -c 'for l; do printf "link %s %s\n" "$l" "$(readlink "$l")"; done' sh {} + 2> /dev/null
    for FOLDER in /var/lib/containerd /var/lib/kubelet /var/lib/etcd; do [ ! -d "$FOLDER" ] || stat -c 'folder %n %a %u:%g' "$FOLDER"; done
    for FOLDER in / /var/lib; do for NAME in "$FOLDER"/*; do case $NAME in /var/lib/sudo | /var/lib/swdt) ;; *) printf 'name %s\n' "$NAME" ;; esac; done; done
    for NAME in /var/lib/kubelet/* /var/lib/etcd/* /var/lib/containerd/* /var/lib/cni /var/log/pods /var/log/containers /run/flannel /run/containerd /run/nri /run/netns/* /run/xtables.lock; do [ ! -e "$NAME" ] || printf 'name %s\n' "$NAME"; done
    for NAME in $NODE_SYSCTLS fs.inotify.max_user_instances fs.inotify.max_user_watches vm.swappiness; do printf 'sysctl %s %s\n' "$NAME" "$(k_sysctl_state "$NAME")"; done
    links | sed 's/^/link /'
    ip route show 2> /dev/null | sed 's/^/route /'
    ip rule show 2> /dev/null | sed 's/^/rule /'
    for TOOL in $(filter_tools); do filters "$TOOL" | sed "s/^/$TOOL /"; done
    nft_tables | sed 's/^/nft /'
    nft_chains | sed 's/^/nft chain /'
    awk '$2 ~ "^(/run/containerd|/var/lib/kubelet|/run/netns|/var/lib/containerd)/" { print "mount " $2 }' /proc/mounts
    for UNIT in kubelet containerd; do printf 'unit %s %s\n' $UNIT "$(service_state $UNIT)"; done
    swap_devices | sed 's/^/swap /'
    package_list | sed 's/^/package /'
    for PROCESS in /proc/[0-9]*; do read -r NAME 2> /dev/null < "$PROCESS/comm" || continue; case $NAME in kubelet | containerd* | kube-* | etcd | flanneld | coredns | pause) printf 'process %s\n' "$NAME" ;; esac; done
}
