# Finds Java 25 or newer, without starting a process in the usual case: start-up time is measured (bench/startup).
# For sh; read by the launcher bin/swdt, by ./build and by ./swdt.

# Whether folder $1 is a Java 25 or newer that has bin/$2.
fits() {
    [ -x "$1/bin/$2" ] && [ -r "$1/release" ] || return 1
    while IFS='=' read -r key value; do
        [ "$key" = JAVA_VERSION ] || continue
        value=${value#\"}
        [ "${value%%[!0-9]*}" -ge 25 ] 2>/dev/null
        return
    done <"$1/release"
    return 1
}

# Sets java_home to the first that has bin/$1: JAVA_HOME, the last of /usr/lib/jvm/*25*, the java on the PATH.
find_java() {
    java_home=${JAVA_HOME:-}
    fits "$java_home" "$1" && return
    java_home=
    for folder in /usr/lib/jvm/*25*; do
        fits "$folder" "$1" && java_home=$folder
    done
    [ -z "$java_home" ] || return 0
    folder=$(command -v java) && folder=$(readlink -f "$folder") || return 1
    java_home=${folder%/bin/java}
    fits "$java_home" "$1"
}
