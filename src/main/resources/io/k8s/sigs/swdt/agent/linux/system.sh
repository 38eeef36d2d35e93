# shellcheck shell=sh
# Kinds of change to the system: files, blocks, archives, modules, sysctls, swap, packages, services.
# Each kind has: holds (is it so?), state (what is there, one line; "absent..." if nothing), save (what a revert needs, into $E),
# apply, verify, revert.

path_state() {
    if [ -h "$1" ]; then printf 'link %s' "$(readlink "$1")"
    elif [ -f "$1" ]; then printf 'file %s %s' "$(sha "$1")" "$(stat -c '%a %u:%g' "$1")"
    elif [ -e "$1" ]; then printf 'other'
    else printf 'absent'; fi
}
path_save() {
    case $(path_state "$1") in
        file*) cp -p "$1" "$E/before" ;;
        link*) readlink "$1" > "$E/link" ;;
        other) die "$1 exists and is not a file" ;;
    esac
    missing_dirs "$1" > "$E/dirs"
}
path_revert() {
    rm -f "$1.swdt-new"
    if [ -f "$E/before" ]; then cp -p "$E/before" "$1.swdt-new"; run mv -f "$1.swdt-new" "$1"
    elif [ -f "$E/link" ]; then run ln -sfn "$(cat "$E/link")" "$1"
    else run rm -f "$1"; fi
}
# put SOURCE PATH MODE: whole or not at all
put() {
    make_dirs
    cp "$1" "$2.swdt-new"
    chown 0:0 "$2.swdt-new"; chmod "$3" "$2.swdt-new"
    durable "$2.swdt-new"
    run mv -f "$2.swdt-new" "$2"
}

# --- file PATH MODE SHA256 TEXT
k_file_state() { path_state "$1"; }
k_file_holds() { [ "$(path_state "$1")" = "file $3 ${2#0} 0:0" ]; }
k_file_save() { path_save "$1"; }
k_file_apply() { printf '%s' "$4" > "$D/text"; put "$D/text" "$1" "$2"; rm -f "$D/text"; }
k_file_verify() { k_file_holds "$@"; }
k_file_revert() { path_revert "$1"; }

# --- program PATH MODE SHA256: an uploaded file
k_program_state() { path_state "$1"; }
k_program_holds() { [ "$(path_state "$1")" = "file $3 ${2#0} 0:0" ]; }
k_program_save() { path_save "$1"; }
# the upload was checked as a whole: it only moves
k_program_apply() {
    make_dirs
    chown 0:0 "$BLOB"; chmod "$2" "$BLOB"
    durable "$BLOB"
    run mv -f "$BLOB" "$1.swdt-new"
    ! has restorecon || restorecon -F "$1.swdt-new"
    run mv -f "$1.swdt-new" "$1"
    durable "$(dirname "$1")"
    remember_sha "$1" "$3"
}
k_program_verify() { k_program_holds "$@"; }
k_program_revert() { path_revert "$1"; }

# --- block PATH NAME TEXT: lines between two markers in a file that is not ours
block_lines() { [ ! -f "$1" ] || awk -v b="# BEGIN $2" -v e="# END $2" '$0 == b { on = 1 } on { print } $0 == e { on = 0 }' "$1"; }
other_lines() { awk -v b="# BEGIN $2" -v e="# END $2" '$0 == b { on = 1 } !on { print } $0 == e { on = 0 }' "$1"; }
# takes the end off the last line
chomp() { printf '%s' "$(cat "$1")" > "$1.chomped"; mv "$1.chomped" "$1"; }
# the file keeps its inode, mode and owner: it may be mounted by itself
rewrite() { cp -p "$1" "$1.swdt-old"; cat "$D/text" > "$1"; durable "$1"; rm -f "$1.swdt-old"; }
k_block_state() { BLOCK=$(block_lines "$1" "$2"); if [ -z "$BLOCK" ]; then printf absent; else sha_text "$BLOCK"; fi; }
k_block_holds() { [ "$(block_lines "$1" "$2")" = "# BEGIN $2$NL$3$NL# END $2" ]; }
k_block_save() {
    [ -f "$1" ] || { : > "$E/none"; return; }
    [ -z "$(tail -c 1 "$1")" ] || : > "$E/no-newline"
    touch -r "$1" "$E/stamp"; sha256sum < "$1" > "$E/sum"
    block_lines "$1" "$2" > "$E/block"
}
k_block_apply() {
    [ -f "$1" ] || { : > "$1"; chmod 644 "$1"; }
    other_lines "$1" "$2" > "$D/text"
    printf '# BEGIN %s\n%s\n# END %s\n' "$2" "$3" "$2" >> "$D/text"
    rewrite "$1"
}
k_block_verify() { k_block_holds "$@"; }
k_block_revert() {
    other_lines "$1" "$2" > "$D/text"
    if [ -f "$E/none" ] && [ ! -s "$D/text" ]; then rm -f "$1"; return; fi
    # the last line had no end: take away the one that appending gave it, if it is still the last
    if [ -s "$E/block" ]; then cat "$E/block" >> "$D/text"
    elif [ -f "$E/no-newline" ]; then chomp "$D/text"; fi
    rewrite "$1"
    # its time as well, if it is the same file again
    [ ! -f "$E/stamp" ] || [ "$(sha256sum < "$1")" != "$(cat "$E/sum")" ] || touch -r "$E/stamp" "$1"
}

# --- archive FOLDER FROM SHA256: the files below FROM (`.` for all) of an uploaded tar.gz
# known by size, time, mode and owner: reading them all would cost more than unpacking them
list_state() { while IFS= read -r MEMBER; do stat -c '%n %s %Y %f %u:%g' "$MEMBER" 2> /dev/null || printf 'absent %s\n' "$MEMBER"; done < "$1" | sha256sum | cut -c 1-64; }
k_archive_state() { if [ -f "$E/list" ]; then list_state "$E/list"; else printf absent; fi; }
k_archive_holds() { journalled "$@"; }
# unpacked once, in a folder of our own
k_archive_save() {
    rm -rf "$D/archive"; mkdir "$D/archive"
    run tar -xzf "$BLOB" -C "$D/archive"
    [ -d "$D/archive/$2" ] || die "the archive holds nothing below $2"
    (cd "$D/archive/$2" && find . ! -type d | sed 's,^\./,,' | sort) > "$E/names"
    [ -s "$E/names" ] || die "the archive holds nothing below $2"
    awk -v folder="$1" '{ print folder "/" $0 }' "$E/names" > "$E/list"
    while IFS= read -r MEMBER; do
        missing_dirs "$1/$MEMBER"
        if [ -e "$1/$MEMBER" ] || [ -h "$1/$MEMBER" ]; then mkdir -p "$E/old/$(dirname "$MEMBER")"; cp -pP "$1/$MEMBER" "$E/old/$MEMBER"; fi
    done < "$E/names" | sort -u > "$E/dirs"
    list_state "$E/list" > "$E/was"
}
k_archive_apply() {
    make_dirs
    chown -hR 0:0 "$D/archive"; chmod -R u+rwX,go-w,a+rX "$D/archive"
    (cd "$D/archive/$2" && while IFS= read -r MEMBER; do
        mv -f "$MEMBER" "$1/$MEMBER.swdt-new"
        ! has restorecon || restorecon -F "$1/$MEMBER.swdt-new"
        mv -f "$1/$MEMBER.swdt-new" "$1/$MEMBER"
    done) < "$E/names"
    rm -rf "$D/archive"
    tr '\n' '\0' < "$E/list" | xargs -0 sync 2> /dev/null || sync
}
k_archive_verify() { while IFS= read -r MEMBER; do [ -e "$1/$MEMBER" ] || die "$1/$MEMBER is missing"; done < "$E/names"; }
k_archive_revert() {
    rm -rf "$D/archive"
    while IFS= read -r MEMBER; do
        rm -f "$1/$MEMBER.swdt-new"
        if [ -e "$E/old/$MEMBER" ] || [ -h "$E/old/$MEMBER" ]; then rm -f "$1/$MEMBER"; cp -pP "$E/old/$MEMBER" "$1/$MEMBER"; else rm -f "$1/$MEMBER"; fi
    done < "$E/names"
}

# --- module NAME
k_module_state() { if [ -d "/sys/module/$1" ] || grep -q "/$1\.ko" "/lib/modules/$(uname -r)/modules.builtin" 2> /dev/null; then printf loaded; else printf absent; fi; }
k_module_holds() { [ "$(k_module_state "$1")" = loaded ]; }
k_module_save() { :; }
k_module_apply() { run modprobe "$1"; }
k_module_verify() { k_module_holds "$1"; }
k_module_revert() { modprobe -r "$1" || printf 'still in use: stays loaded until the next boot' > "$D/detail"; }

# --- sysctl NAME VALUE: of the running kernel
sysctl_file() { printf '/proc/sys/%s' "$(printf '%s' "$1" | tr . /)"; }
k_sysctl_state() { SYSCTL=$(sysctl_file "$1"); if [ -f "$SYSCTL" ]; then tr -s '\t ' '  ' < "$SYSCTL"; else printf absent; fi; }
k_sysctl_holds() { [ "$(k_sysctl_state "$1")" = "$2" ]; }
k_sysctl_save() { :; }
k_sysctl_apply() { run sysctl -q -w "$1=$2"; }
k_sysctl_verify() { k_sysctl_holds "$@"; }
k_sysctl_revert() { case $(cat "$E/was") in absent*) ;; *) run sysctl -q -w "$1=$(cat "$E/was")" ;; esac; }

# --- swap: off now and at the next boot (fstab, systemd's units, zram's too)
swap_devices() { awk 'NR > 1 { print $1 }' /proc/swaps; }
swap_fstab() { [ ! -f /etc/fstab ] || awk '$1 !~ /^#/ && $3 == "swap"' /etc/fstab; }
swap_units() { systemctl list-units --type=swap --all --no-legend --plain 2> /dev/null | awk '{ print $1 }'; for UNIT in /etc/systemd/system/*.swap; do [ ! -f "$UNIT" ] || basename "$UNIT"; done; }
swap_unmasked() { swap_units | sort -u | while IFS= read -r UNIT; do [ "$(readlink "/etc/systemd/system/$UNIT")" = /dev/null ] || [ "$(readlink "/run/systemd/generator.early/$UNIT")" = /dev/null ] || printf '%s\n' "$UNIT"; done; }
k_swap_state() { SWAP=$(swap_devices; swap_fstab; swap_unmasked); if [ -z "$SWAP" ]; then printf 'absent: no swap'; else sha_text "$SWAP"; fi; }
k_swap_holds() { [ "$(k_swap_state)" = 'absent: no swap' ]; }
k_swap_save() {
    swap_devices > "$E/devices"; swap_unmasked > "$E/units"
    [ ! -f /etc/fstab ] || cp -p /etc/fstab "$E/fstab"
}
k_swap_apply() {
    while IFS= read -r DEVICE; do run swapoff "$DEVICE"; done < "$E/devices"
    if [ -n "$(swap_fstab)" ]; then
        awk '$1 !~ /^#/ && $3 == "swap" { printf "#swdt# " } { print }' /etc/fstab > "$D/text"
        [ -z "$(tail -c 1 /etc/fstab)" ] || chomp "$D/text"
        rewrite /etc/fstab
    fi
    systemctl daemon-reload
    # a unit file of the user's own stands where the mask would: it is set aside in the journal
    while IFS= read -r UNIT; do
        UNIT_FILE=/etc/systemd/system/$UNIT
        if [ -f "$UNIT_FILE" ] && [ ! -h "$UNIT_FILE" ]; then mkdir -p "$E/unit-files"; cp -p "$UNIT_FILE" "$E/unit-files/"; durable "$E/unit-files/$UNIT"; systemctl stop "$UNIT" || true; rm -f "$UNIT_FILE"; fi
        run systemctl mask -q --now "$UNIT"
    done < "$E/units"
}
k_swap_verify() { [ -z "$(swap_devices)$(swap_fstab)" ]; }
k_swap_revert() {
    while IFS= read -r UNIT; do
        systemctl unmask -q "$UNIT"
        [ ! -f "$E/unit-files/$UNIT" ] || cp -p "$E/unit-files/$UNIT" "/etc/systemd/system/$UNIT"
    done < "$E/units"
    if [ -f "$E/fstab" ] && [ -f /etc/fstab ]; then
        sed 's/^#swdt# //' /etc/fstab > "$D/text"
        if cmp -s "$D/text" "$E/fstab"; then cp -p "$E/fstab" /etc/fstab; else rewrite /etc/fstab; fi
    fi
    systemctl daemon-reload
    while IFS= read -r DEVICE; do grep -q "^$DEVICE " /proc/swaps || run swapon "$DEVICE"; done < "$E/devices"
}

# --- package NAME...: from the distribution, with all that comes along; package lists of our own, so that nothing else changes
package_tool() { for TOOL in apt-get dnf yum zypper apk; do ! has $TOOL || { printf '%s' $TOOL; return; }; done; }
package_list() { if has dpkg-query; then dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' | awk '/^ii/ { print $2 }'; elif has rpm; then rpm -qa --qf '%{NAME}\n'; elif has apk; then apk info -q; fi | sort -u; }
package_missing() { package_list > "$D/packages"; for NAME; do grep -qxF "$NAME" "$D/packages" || printf '%s ' "$NAME"; done; }
apt() { mkdir -p "$D/apt/lists/partial" "$D/apt/cache/archives/partial"; DEBIAN_FRONTEND=noninteractive apt-get -q -o Dir::State::lists="$D/apt/lists" -o Dir::Cache="$D/apt/cache" -o DPkg::Lock::Timeout=120 "$@" < /dev/null; }
k_package_state() { MISSING_NAMES=$(package_missing "$@"); if [ -n "$MISSING_NAMES" ]; then printf 'absent %s' "$MISSING_NAMES"; else printf installed; fi; }
k_package_holds() { [ -z "$(package_missing "$@")" ]; }
k_package_save() { package_list > "$E/packages"; }
k_package_apply() {
    case $(package_tool) in
        apt-get) run apt update; run apt install -y --no-install-recommends "$@" ;;
        dnf) run dnf -y -q install --setopt=install_weak_deps=False "$@" < /dev/null ;;
        yum) run yum -y -q install "$@" < /dev/null ;;
        zypper) run zypper -n -q install --no-recommends "$@" < /dev/null ;;
        apk) run apk add -q "$@" ;;
        *) die "no package manager that swdt knows; install by hand: $*" ;;
    esac
    rm -rf "$D/apt"
}
k_package_verify() { k_package_holds "$@"; }
k_package_revert() {
    package_list | comm -13 "$E/packages" - > "$D/added"
    [ -s "$D/added" ] || return 0
    case $(package_tool) in
        apt-get) xargs sh -c 'exec env DEBIAN_FRONTEND=noninteractive apt-get -q -y purge "$@" < /dev/null' sh < "$D/added" ;;
        dnf) xargs dnf -y -q remove --noautoremove < "$D/added" ;;
        yum) xargs yum -y -q remove < "$D/added" ;;
        zypper) xargs zypper -n -q remove < "$D/added" ;;
        apk) xargs apk del -q < "$D/added" ;;
    esac
    rm -rf "$D/apt"
}

# --- service NAME START: enabled, and running with START=yes (no: something else starts it); a new digest restarts it
service_state() { printf '%s %s' "$(systemctl is-enabled "$1" 2> /dev/null || true)" "$(systemctl is-active "$1" 2> /dev/null || true)"; }
k_service_state() {
    case $(service_state "$1") in
        ' inactive' | 'not-found inactive' | ' unknown') printf absent ;;
        *) if [ "$2" = yes ]; then service_state "$1"; else systemctl is-enabled "$1" 2> /dev/null || true; fi ;;
    esac
}
k_service_holds() { journalled "$@"; }
k_service_save() { service_state "$1" > "$E/service"; }
k_service_apply() {
    run systemctl daemon-reload
    run systemctl enable -q "$1"
    [ "$2" = no ] || run systemctl restart "$1"
}
k_service_verify() {
    [ "$2" = yes ] || return 0
    systemctl is-active -q "$1" || { systemctl status --no-pager -l "$1" || true; die "service $1 does not stay up"; }
}
k_service_revert() {
    case $(cat "$E/service") in *' active' | *' activating') ;; *) run systemctl stop "$1" ;; esac
    case $(cat "$E/service") in enabled*) ;; *) run systemctl disable -q "$1" ;; esac
}
