#!/bin/sh
# Puts the sidecar in place as a service of systemd, and takes it away again.
#
#   deploy/systemd/install.sh install JAR    also upgrades: the release before stays, for a rollback
#   deploy/systemd/install.sh rollback       back to the release before
#   deploy/systemd/install.sh uninstall      takes program and service away; with --purge the settings too
#
#   /opt/nvidia-sidecar/releases/…           each with a Java runtime of its own and its AOT cache
#   /opt/nvidia-sidecar/current, previous    which of them
#   /etc/nvidia-sidecar/sidecar.env, routes  yours: written once, never overwritten
#
# Needs root, and for install a JDK 25 (JAVA_HOME, or on the PATH). With DESTDIR everything goes below that, for a package
# or a try, and systemd is not told.
set -eu

root=${DESTDIR:-}
home=$root/opt/nvidia-sidecar
settings=$root/etc/nvidia-sidecar
unit=$root/etc/systemd/system/nvidia-sidecar.service
here=$(cd "$(dirname "$0")" && pwd)

tell_systemd() {
    if [ -z "$root" ] && [ -d /run/systemd/system ]; then systemctl "$@"; fi
}

point() { # link target: at once, never to nothing
    ln -sfn "$2" "$1.new"
    mv -T "$1.new" "$1"
}

install_release() {
    jar=$1
    name=$(date -u +%Y%m%dT%H%M%SZ)-$(sha256sum "$jar" | cut -c1-12)
    release=$home/releases/$name
    install -d -m 755 "$home/releases"
    # Built beside and moved: a failed installation leaves no half release. A moved AOT cache is still valid.
    work=$(mktemp -d "$home/releases/.new-XXXXXX")
    trap 'rm -rf "$work"' EXIT
    "$here/../make-runtime.sh" "$work/java"
    "$here/../lay-out.sh" "$jar" "$work" > "$work/training.log" 2>&1 || { cat "$work/training.log" >&2; exit 1; }
    cp "$here/../OPERATIONS.md" "$work/"
    chmod 755 "$work"
    mv "$work" "$release"
    trap - EXIT

    install -d -m 755 "$settings"
    if [ ! -e "$settings/sidecar.env" ]; then install -m 600 "$here/../.env.example" "$settings/sidecar.env"; fi
    if [ ! -d "$settings/routes" ]; then cp -r "$release/routes" "$settings/routes"; fi
    install -D -m 644 "$here/nvidia-sidecar.service" "$unit"

    if [ -L "$home/current" ]; then point "$home/previous" "$(readlink "$home/current")"; fi
    point "$home/current" "releases/$name"
    for old in "$home"/releases/*; do
        case releases/${old##*/} in
            "$(readlink "$home/current")" | "$(readlink "$home/previous" || true)") ;;
            *) rm -rf "$old" ;;
        esac
    done
    tell_systemd daemon-reload
    tell_systemd enable nvidia-sidecar
    if grep -q '^SIDECAR_API_KEY=.' "$settings/sidecar.env"; then
        tell_systemd restart nvidia-sidecar
    else
        echo "now give $settings/sidecar.env the key, then: systemctl start nvidia-sidecar"
    fi
    diff -rq "$release/routes" "$settings/routes" > /dev/null ||
        echo "your routes are kept; they differ from this release's: diff -r $home/current/routes $settings/routes"
    echo "installed $name"
}

roll_back() {
    if [ ! -L "$home/previous" ]; then
        echo 'there is no release before this one' >&2
        exit 1
    fi
    now=$(readlink "$home/current")
    point "$home/current" "$(readlink "$home/previous")"
    point "$home/previous" "$now"
    tell_systemd restart nvidia-sidecar
    echo "back to $(readlink "$home/current")"
}

uninstall() {
    tell_systemd disable --now nvidia-sidecar
    rm -rf "$home" "$unit"
    tell_systemd daemon-reload
    if [ "${1:-}" = --purge ]; then rm -rf "$settings" "$unit.d"; fi
}

case ${1:-}:$# in
    install:2) install_release "$2" ;;
    rollback:1) roll_back ;;
    uninstall:1 | uninstall:2) uninstall "${2:-}" ;;
    *) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0" >&2; exit 2 ;;
esac
