# shellcheck shell=sh
# The swdt agent for Linux: events, journal, lock and the life of a program. POSIX sh; dash, bash and busybox ash must do.
# A program is this file, the files with the kinds of change, and a function `program` that swdt generates: one `step` a change.
# Nothing is ever put into this text: values arrive as quoted arguments of `step` and `secret`.
# shellcheck disable=SC2034,SC2181 # state that the other files read; "if f" would turn errexit off inside f
set -u
umask 077
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
S=/var/lib/swdt J=/var/lib/swdt/journal
TAB=$(printf '\t') CR=$(printf '\r')
NL='
'
MODE='' D='' E='' BLOB='' BLOB_NAME='' FAILED='' DETAIL=''

# --- events: fields between tabs, percent-encoded, to descriptor 3

# ENC: the text as one field
enc() {
    case $1 in
        *[%"$TAB$CR$NL"]*) ENC=$(printf '%s' "$1" | awk 'BEGIN { ORS = "" } { gsub(/%/, "%25"); gsub(/\t/, "%09"); gsub(/\r/, "%0D"); if (NR > 1) print "%0A"; print }') ;;
        *) ENC=$1 ;;
    esac
}
emit() {
    EVENT=$1; shift
    for field; do enc "$field"; EVENT=$EVENT$TAB$ENC; done
    printf '%s\n' "$EVENT" >&3
}
# MS: milliseconds since the host started, in hundredths of a second, without a new process
clock() { read -r UP _ < /proc/uptime; UPC=${UP#*.}; UPC=${UPC#0}; MS=$((${UP%.*} * 1000 + ${UPC:-0} * 10)); }

# --- small things that the kinds share

# the text in single quotes, as a word for the shell
quote() { printf "'"; printf '%s' "$1" | sed "s/'/'\\\\''/g"; printf "' "; }
# runs a command, with its words in the log; remembers which one failed
run() {
    printf '+ %s\n' "$*"
    "$@" || { RC=$?; printf '%s' "$*" > "$D/command"; return $RC; }
}
# ends the running step with a message of our own
die() { printf '%s\n' "$*"; printf '%s' "$*" > "$D/message"; exit 1; }
durable() { sync "$@" 2> /dev/null || sync; }
# the checksum of a file. That of a large one is remembered in the journal's folder, with what the kernel alters whenever the file
# is written, renamed or given away (inode, size, times): programs are large, and looked at several times in a run
sha() {
    STAMP=$(stat -c '%s %d:%i %y %z' "$1") || return 1
    if [ "${STAMP%% *}" -gt 1000000 ] && [ -f "$S/sums" ]; then
        KNOWN=$(grep -F -- "$STAMP $1$TAB" "$S/sums" | tail -n 1)
        if [ -n "$KNOWN" ]; then printf '%s' "${KNOWN##*"$TAB"}"; return; fi
    fi
    SUM=$(sha256sum "$1" | cut -c 1-64)
    [ "${STAMP%% *}" -le 1000000 ] || remember_sha "$1" "$SUM"
    printf '%s' "$SUM"
}
# remember_sha PATH SHA256: only by programs that make changes
remember_sha() { [ "$MODE" != run ] || printf '%s %s\t%s\n' "$(stat -c '%s %d:%i %y %z' "$1")" "$1" "$2" >> "$S/sums"; }
sha_text() { printf '%s' "$1" | sha256sum | cut -c 1-64; }
has() { command -v "$1" > /dev/null 2>&1; }
# prints the missing ancestors of a path, the topmost first
missing_dirs() {
    MISSING='' ANCESTOR=$(dirname "$1")
    while [ ! -d "$ANCESTOR" ]; do MISSING=$ANCESTOR$NL$MISSING; ANCESTOR=$(dirname "$ANCESTOR"); done
    printf '%s' "$MISSING"
}
# makes the folders listed in the entry, 0755; remove_dirs takes away those that are empty, the deepest first
make_dirs() { [ ! -f "$E/dirs" ] || while IFS= read -r NEW_DIR; do (umask 022; mkdir -p "$NEW_DIR"); done < "$E/dirs"; }
remove_dirs() { [ ! -f "$E/dirs" ] || sort -r "$E/dirs" | while IFS= read -r OLD_DIR; do rmdir "$OLD_DIR" 2> /dev/null || true; done; }

# --- journal: one folder an entry; complete when it has its number

# FOUND: the newest entry with this key, or empty
find_entry() {
    FOUND=''
    for ENTRY in "$J"/[0-9]*; do
        [ -f "$ENTRY/key" ] || continue
        IFS= read -r ENTRY_KEY < "$ENTRY/key"
        [ "$ENTRY_KEY" != "$1" ] || FOUND=$ENTRY
    done
}
# whether the newest entry of the running step is complete, is of these arguments, and its state is as it was left
journalled() {
    find_entry "$KEY"
    [ -n "$FOUND" ] && [ -f "$FOUND/after" ] && [ "$(cat "$FOUND/digest")" = "$DIGEST" ] && [ "$(E=$FOUND; "k_${KIND}_state" "$@")" = "$(cat "$FOUND/after")" ]
}
journal_entry() {
    LAST=0
    for ENTRY in "$J"/[0-9]*; do [ ! -d "$ENTRY" ] || LAST=${ENTRY##*/}; done
    while [ "${LAST#0}" != "$LAST" ] && [ "$LAST" != 0 ]; do LAST=${LAST#0}; done
    E=$J/.new
    rm -rf "$E"
    mkdir -p "$E"
    printf '%s\n' "$KEY" > "$E/key"; printf '%s' "$KIND" > "$E/kind"; printf '%s' "$DIGEST" > "$E/digest"; date +%s > "$E/time"
    for ARG; do quote "$ARG"; done > "$E/arguments"
    ("k_${KIND}_state" "$@") > "$E/was"
    (set -e; "k_${KIND}_save" "$@")
    [ $? = 0 ] || return 1
    find "$E" -type f -exec sync {} + 2> /dev/null || sync
    NUMBER=$(printf '%05d' $((LAST + 1)))
    mv "$E" "$J/$NUMBER"
    durable "$J"
    E=$J/$NUMBER
}
# what the step left, by which a later revert knows its own work
journal_after() {
    # where verifying has read it already, it is in $D/state
    if [ -f "$D/state" ]; then printf '%s' "$(cat "$D/state")" > "$E/.after"; else ("k_${KIND}_state" "$@") > "$E/.after"; fi
    durable "$E/.after"
    mv "$E/.after" "$E/after"
}

# --- steps

# with_blob SHA256 NAME: the next step needs this uploaded file
with_blob() { BLOB=$S/files/$1 BLOB_NAME=$2; }
# waits for the controller to have uploaded it; gives up when nothing has arrived for two minutes
await_blob() {
    WAITED=0 SIZE_BEFORE=''
    while [ ! -f "$BLOB" ]; do
        [ ! -e "$D/stop" ] || finish stopped
        SIZE=$(ls -ln "$S/files" 2> /dev/null)
        [ "$SIZE" = "$SIZE_BEFORE" ] || WAITED=0
        SIZE_BEFORE=$SIZE WAITED=$((WAITED + 1))
        [ $WAITED -lt 1200 ] || { printf '%s' "the upload of $BLOB_NAME did not arrive" > "$D/message"; return 1; }
        sleep 0.1 2> /dev/null || { sleep 1; WAITED=$((WAITED + 9)); }
    done
}
secret() { mkdir -p "$D/secret"; printf '%s' "$2" > "$D/secret/$1"; }
# a value for the controller, e.g. the hash of the cluster's CA
output() { emit output "$1" "$2"; }

# step KIND KEY DIGEST ARGUMENT...
step() {
    KIND=$1 KEY=$2 DIGEST=$3; shift 3
    [ "$MODE" = run ] || { check_step "$@"; return; }
    [ ! -e "$D/stop" ] || finish stopped
    renew_lease
    clock; T0=$MS DETAIL=''
    rm -f "$D/command" "$D/message" "$D/detail" "$D/state"
    emit step "$KEY" started 0 ''
    if "k_${KIND}_holds" "$@"; then
        # done by a run that was cut off before it could say so
        find_entry "$KEY"
        if [ -n "$FOUND" ] && [ ! -f "$FOUND/after" ]; then E=$FOUND; journal_after "$@"; fi
        clock; emit step "$KEY" kept $((MS - T0)) ''
        BLOB=''
        return
    fi
    find_entry "$KEY"
    if [ -n "$FOUND" ] && [ ! -f "$FOUND/after" ]; then
        echo "== $KEY: was begun and not finished; first back to what was there before"
        revert_entry "$FOUND" force
        [ $? = 0 ] || fail_step "what an interrupted run began could not be undone"
    fi
    if [ -n "$BLOB" ]; then await_blob || fail_step "an upload is missing"; fi
    echo "== $KEY"
    journal_entry "$@"
    [ $? = 0 ] || fail_step "what is there now could not be saved"
    (set -e; "k_${KIND}_apply" "$@")
    RC=$?
    [ $RC = 0 ] || fail_step "exit code $RC" $RC
    (set -e; "k_${KIND}_verify" "$@")
    RC=$?
    [ $RC = 0 ] || fail_step "was done, but does not hold" $RC
    journal_after "$@"
    [ -z "$BLOB" ] || rm -f "$BLOB"
    BLOB=''
    [ ! -f "$D/detail" ] || DETAIL=$(cat "$D/detail")
    clock; emit step "$KEY" applied $((MS - T0)) "$DETAIL"
}
fail_step() {
    clock
    MESSAGE=$1 COMMAND=''
    [ ! -f "$D/message" ] || MESSAGE=$(cat "$D/message")
    [ ! -f "$D/command" ] || COMMAND=$(cat "$D/command")
    emit step "$KEY" failed $((MS - T0)) "$MESSAGE"
    tail -n 40 "$D/log" | while IFS= read -r LINE; do emit log "$LINE"; done
    emit failure "$KEY" "${2:--1}" "$MESSAGE" "$COMMAND" "$D/log"
    finish failed
}
# what would a step do: keep, add (nothing there) or alter
check_step() {
    if "k_${KIND}_holds" "$@" 2> /dev/null; then
        emit check "$KEY" keep
    else
        find_entry "$KEY"
        case $(E=$FOUND; "k_${KIND}_state" "$@" 2> /dev/null) in absent*) emit check "$KEY" add ;; *) emit check "$KEY" alter ;; esac
    fi
}

# --- revert

# revert_entry ENTRY [force]: back to what was there, if it is still as swdt left it; 1 if it was left alone, 2 if that failed
revert_entry() {
    E=$1 REVERT_FORCE=${2:-}
    KIND=$(cat "$E/kind") KEY=$(cat "$E/key")
    rm -f "$D/detail" "$D/message" "$D/command"
    eval "set -- $(cat "$E/arguments")"
    STATE=$("k_${KIND}_state" "$@") WAS=$(cat "$E/was")
    if [ "$STATE" = "$WAS" ] && [ ! -f "$E/always" ]; then
        remove_dirs
    # a node that somebody reset looks as before, and is not: what the entry marks so is put back all the same
    elif [ -f "$E/after" ] && [ "$STATE" != "$(cat "$E/after")" ] && [ "$STATE" != "$WAS" ] && [ "$REVERT_FORCE" != force ]; then
        printf 'altered since swdt left it; --force puts it back all the same' > "$D/detail"
        return 1
    else
        echo "== back: $KEY"
        (set -e; "k_${KIND}_revert" "$@")
        RC=$?
        if [ $RC != 0 ]; then
            printf 'could not be put back (exit code %s) %s' $RC "$(cat "$D/message" "$D/command" 2> /dev/null)" > "$D/detail"
            return 2
        fi
        remove_dirs
    fi
    mv "$E" "$J/.gone" && rm -rf "$J/.gone"
}
# all entries, newest first; then the difference to the facts before the first change
revert_all() {
    LEFT=0 BROKEN=''
    # shellcheck disable=SC2045 # names of our own making, in reverse order
    for ENTRY in $(ls -r "$J" 2> /dev/null); do
        [ ! -e "$D/stop" ] || finish stopped
        renew_lease
        clock; T0=$MS; IFS= read -r STEP_KEY < "$J/$ENTRY/key"
        emit step "$STEP_KEY" started 0 ''
        # what stands on a change that could not be undone stays too: nothing is pulled away below it
        if [ -n "$BROKEN" ]; then printf 'kept because of "%s"' "$BROKEN" > "$D/detail"; RC=1; else revert_entry "$J/$ENTRY" "$1"; RC=$?; fi
        [ $RC != 2 ] || { BROKEN=$STEP_KEY; tail -n 40 "$D/log" | while IFS= read -r LINE; do emit log "$LINE"; done; }
        if [ $RC = 0 ]; then
            DETAIL=''; [ ! -f "$D/detail" ] || DETAIL=$(cat "$D/detail")
            clock; emit step "$STEP_KEY" reverted $((MS - T0)) "$DETAIL"
        else
            LEFT=$((LEFT + 1))
            clock; emit step "$STEP_KEY" left $((MS - T0)) "$(cat "$D/detail" 2> /dev/null)"
        fi
    done
    systemctl daemon-reload 2> /dev/null || true
    systemctl reset-failed kubelet containerd 2> /dev/null || true
    footprint > "$D/footprint"
    if [ -f "$S/footprint" ]; then
        sort "$S/footprint" > "$D/before"; sort "$D/footprint" > "$D/now"
        comm -23 "$D/before" "$D/now" | while IFS= read -r LINE; do emit difference - "$LINE"; done
        comm -13 "$D/before" "$D/now" | while IFS= read -r LINE; do emit difference + "$LINE"; done
    fi
    if [ $LEFT = 0 ]; then
        # events still go to the open file; the follower has it open too
        rm -rf "$S"
        end ok
    fi
    finish ok
}

# --- a program's life

# lease RUN OVER SECONDS HOLDER: the file lock says that a program runs; the lease that a run goes on, also between its programs.
# OVER are the runs whose leases may be taken over, between blanks: their controllers are known to be dead, or the user said so.
lease() {
    LEASE_RUN=$1 LEASE_OVER=$2 LEASE_SECONDS=$3 LEASE_HOLDER=$4
    if [ -f "$S/lease" ]; then
        { read -r OTHER_RUN; read -r OTHER_UNTIL; read -r OTHER_HOLDER; } < "$S/lease"
        case " $LEASE_RUN $LEASE_OVER " in
            *" $OTHER_RUN "*) ;;
            *) [ "$OTHER_UNTIL" -le "$(date +%s)" ] || finish locked "$OTHER_HOLDER" ;;
        esac
    fi
    renew_lease
}
renew_lease() { printf '%s\n%s\n%s\n' "$LEASE_RUN" "$(($(date +%s) + LEASE_SECONDS))" "$LEASE_HOLDER" > "$S/.lease" && mv "$S/.lease" "$S/lease"; }
# the run is over here: so are uploads that nothing wanted any more
release_lease() { rm -f "$S/lease"; rm -rf "$S/files"; }
# own NAME UID VERSION: the host is this cluster's from now on; what it was before is kept for the proof at the end
own() {
    if [ -f "$S/owner" ]; then
        { read -r OWNER_NAME; read -r OWNER_UID; } < "$S/owner"
        [ "$OWNER_UID" = "$2" ] || finish foreign "$OWNER_NAME"
        return
    fi
    mkdir -p "$J"
    [ -f "$S/footprint" ] || { footprint > "$S/.footprint"; durable "$S/.footprint"; mv "$S/.footprint" "$S/footprint"; }
    printf '%s\n%s\n%s\n%s\n' "$1" "$2" "$3" "$(date +%s)" > "$S/.owner"
    durable "$S/.owner"
    mv "$S/.owner" "$S/owner"
}
end() {
    rm -rf "$D/program" "$D/secret"
    emit end "$@"
}
finish() { end "$@"; exit 0; }

# whether no program runs. The lock is opened for reading: a program at its very end takes its folder away, and nothing may put it back
is_free() { [ ! -f "$S/lock" ] || { flock -n -s 6; } 6< "$S/lock"; } 2> /dev/null
# follow RUN LINES: the events of a program after the first LINES, until its end; `lost` if it ended without saying so
follow() {
    # "command": a shell may end where exec alone cannot open a file, and a finished program takes its folder away
    command exec 4< "$S/run/$1/events" || { emit end gone; exit 0; }
    SKIP=$2 PART='' IDLE=0 FREE=0
    while :; do
        while IFS= read -r LINE <&4; do
            LINE=$PART$LINE PART='' IDLE=0
            if [ "$SKIP" -gt 0 ]; then SKIP=$((SKIP - 1)); else printf '%s\n' "$LINE"; fi
            case $LINE in "end$TAB"*) exit 0 ;; esac
        done
        PART=$PART$LINE IDLE=$((IDLE + 1))
        if [ $((IDLE % 20)) = 0 ]; then
            if is_free; then FREE=$((FREE + 1)); else FREE=0; fi
            [ $FREE -lt 3 ] || { printf 'end\tlost\n'; exit 0; }
        fi
        sleep 0.05 2> /dev/null || sleep 1
    done
}
# main facts | check | run RUN | follow RUN LINES
main() {
    MODE=$1
    case $MODE in
        facts) exec 3>&1; facts; emit end ok ;;
        test) exec 3>&1; D=$(mktemp -d); trap 'rm -rf "$D"' EXIT; program; emit end ok ;;
        check) exec 3>&1; D=$(mktemp -d); trap 'rm -rf "$D"' EXIT; program; emit end ok ;;
        follow) exec 3>&1; follow "$2" "$3" ;;
        run)
            D=$S/run/$2
            exec 3>> "$D/events" 9>> "$S/lock"
            flock -n 9 || finish busy
            printf '%s\n' "$2" > "$S/running"
            emit start "$2"
            # shellcheck disable=SC2012 # names of our own making
            for OLD in $(ls -t "$S/run" | tail -n +6); do rm -rf "$S/run/$OLD"; done
            program
            finish ok
            ;;
    esac
}
