#!/bin/sh
# Installs a JDK 25 and Maven from the Debian mirror that the machine uses; elsewhere says what to install. Called by ./build.
set -eu
no() {
    echo "error: ./build needs a JDK 25 or newer and Maven 3.8 or newer; $1: please install both and set JAVA_HOME to the JDK" >&2
    exit 1
}
# shellcheck disable=SC1091  # of the machine
[ -r /etc/os-release ] && . /etc/os-release
command -v apt-get >/dev/null || no "this system has no apt-get to install them with"
root=
[ "$(id -u)" = 0 ] || root=sudo
[ -z "$root" ] || command -v sudo >/dev/null || no "installing them needs root or sudo"
install() { DEBIAN_FRONTEND=noninteractive $root apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends "$@" >/dev/null; }

echo "installing a JDK 25 and Maven" >&2
case ${VERSION_CODENAME:-} in
bookworm)
    # Debian 12 has no JDK 25. It comes from Debian 13, with the few libraries that it needs (libc6 is one); at priority
    # 100 nothing else ever does. The mirror: the one that this machine uses, in either form of its lists.
    mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
        awk '/^[ \t]*$/ { uri = suite = "" }
             $1 == "URIs:" { uri = $2 }
             $1 == "Suites:" && $2 == "bookworm" { suite = $2 }
             uri && suite { print uri; exit }
             $1 == "deb" { for (i = 2; i < NF; i++) if ($(i + 1) == "bookworm") { print $i; exit } }')
    [ -n "$mirror" ] || no "no Debian mirror is in this machine's apt lists"
    echo "deb $mirror trixie main" | $root tee /etc/apt/sources.list.d/swdt-trixie.list >/dev/null
    printf 'Package: *\nPin: release n=trixie\nPin-Priority: 100\n' | $root tee /etc/apt/preferences.d/swdt-trixie >/dev/null
    $root apt-get -qq update
    install -t trixie openjdk-25-jdk-headless
    ;;
*)
    $root apt-get -qq update
    apt-cache show openjdk-25-jdk-headless >/dev/null 2>&1 || no "${PRETTY_NAME:-this system} has no package openjdk-25-jdk-headless"
    install openjdk-25-jdk-headless
    ;;
esac
command -v mvn >/dev/null || install maven
