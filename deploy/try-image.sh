#!/bin/bash
# Tries the container image without Docker: lays out its files as the Dockerfile does, and starts the sidecar in them as a
# container engine would: this root and no other, read-only but for /tmp, user 65532, no capabilities, in front of the
# simulated provider of a second one. Then a request, the health check, the stop.
#
# In place of the base image there are the packages that it is made of, in the versions of this machine's Debian or Ubuntu: what is
# tried is such a system, not that very C library.
#
#   deploy/try-image.sh target/nvidia-sidecar-0.1.0-SNAPSHOT.jar [DIRECTORY]
#
# Needs Debian or Ubuntu, root and a JDK 25 (JAVA_HOME). With DIRECTORY the files stay there; PORT and the next four are used (19190).
set -euo pipefail

jar=$1
given=${2:+yes} given=${given:-no}
root=${2:-$(mktemp -d)}
port=${PORT:-19190}
here=$(cd "$(dirname "$0")" && pwd)
tidy_up() { if [ "$given" = no ]; then rm -rf "$root"; fi; }
trap tidy_up EXIT
as_docker_says() { sed -n "s/^ *$1 \(\[.*\]\)\$/\1/p" "$here/../Dockerfile" | tail -1 | tr -d '[]",'; }
user=$(sed -n 's/^USER \([0-9]*\):.*/\1/p' "$here/../Dockerfile")
read -ra start <<< "$(as_docker_says ENTRYPOINT)"
read -ra health <<< "$(as_docker_says CMD)"

fetch_packages() { # folder
    (cd "$1" && apt-get download -q -o APT::Sandbox::User=root base-files ca-certificates libc6 netbase tzdata)
}
base_image() {
    local packages package
    packages=$(mktemp -d)
    if ! fetch_packages "$packages"; then # apt's lists are too old, or there are none
        apt-get update -q
        fetch_packages "$packages"
    fi
    # base-files is the first: where /lib is a link to /usr/lib, it makes that.
    for package in "$packages"/*.deb; do dpkg-deb -x "$package" "$root"; done
    rm -r "$packages"
    echo 'nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin' > "$root/etc/passwd"
    echo 'nonroot:x:65532:' > "$root/etc/group"
    echo 'hosts: files dns' > "$root/etc/nsswitch.conf"
}

mkdir -p "$root"
chmod 755 "$root"
if [ ! -e "$root/app/sidecar.aot" ]; then
    base_image > "$root.log"
    mkdir -p "$root"/{opt,proc,dev,var/lib/nvidia-sidecar}
    "$here/make-runtime.sh" "$root/opt/java"
    JAVA=$root/opt/java/bin/java "$here/lay-out.sh" "$jar" "$root/app" > "$root.log" 2>&1 || { cat "$root.log" >&2; exit 1; }
fi
# MB are 1,000,000 bytes.
content=$(find "$root" -type f -printf '%s\n' | awk '{ bytes += $1 } END { printf "%d", bytes }')
pulled=$(tar -c -C "$root" . | gzip -6 | wc -c)
awk "BEGIN { printf \"content: %.1f MB, %.0f MB to pull\\n\", $content / 1e6, $pulled / 1e6 }"
# About 250 MB, of which the client of Redis takes 10; the AOT cache differs by some megabytes from build to build.
if (( content >= 265000000 )); then echo 'the image is to be below 265 MB' >&2; exit 1; fi

in_image() { # port, command; in a subshell, which becomes the command
    # shellcheck disable=SC2016 # the inner shell expands these
    exec unshare --mount sh -euc '
        root=$1 user=$2 provider=$3 port=$4
        shift 4
        mount --bind "$root" "$root"
        mount -o remount,bind,ro "$root"
        mount -t tmpfs -o mode=1777,size=64m tmpfs "$root/tmp"
        mount -t tmpfs -o mode=1777,size=64m tmpfs "$root/var/lib/nvidia-sidecar"
        mount --rbind /proc "$root/proc"
        mount --rbind /dev "$root/dev"
        exec env -i GLIBC_TUNABLES=glibc.malloc.mmap_threshold=30000 SIDECAR_HOST=0.0.0.0 SIDECAR_ROUTES_DIR=/app/routes \
            SIDECAR_STATE_DIR=/var/lib/nvidia-sidecar SIDECAR_PORT="$port" SIDECAR_METRICS_PORT="$((port + 1))" SIDECAR_API_KEY=none-needed-here \
            SIDECAR_UPSTREAM="http://127.0.0.1:$provider/v1" setpriv --no-new-privs \
            unshare --root="$root" --wd=/tmp --setgid="$user" --setuid="$user" "$@"' sh "$root" "$user" "$((port + 4))" "$@"
}

if curl -s -o /dev/null "http://127.0.0.1:$port/"; then echo "port $port is taken" >&2; exit 1; fi
await_answer() { # port, process
    until curl -sf -o "$root.answer" "http://127.0.0.1:$1/v1/chat/completions" -H 'Content-Type: application/json' \
        -d '{"model":"demo","messages":[{"role":"user","content":"Hello"}]}'; do
        kill -0 "$2"
        if (( ${EPOCHREALTIME%.*} - ${began%.*} > 60 )); then echo 'no answer within a minute' >&2; exit 1; fi
        sleep 0.05
    done
    grep -q '"chat.completion"' "$root.answer"
}
began=$EPOCHREALTIME
in_image "$((port + 2))" "${start[@]}" --spring.profiles.active=demo --sidecar.demo.port="$((port + 4))" > "$root.log" 2>&1 &
demo=$!
trap 'kill -9 $demo ${sidecar:-} 2> /dev/null || true; cat "$root.log" >&2; tidy_up' EXIT
await_answer "$((port + 2))" "$demo"

began=$EPOCHREALTIME
in_image "$port" "${start[@]}" > "$root.log" 2>&1 &
sidecar=$!
await_answer "$port" "$sidecar"
echo "first answer after $(( (${EPOCHREALTIME/./} - ${began/./}) / 1000 )) ms"

grep -q "^Uid:.$user" "/proc/$sidecar/status"
grep -Eq '^CapEff:.0+$' "/proc/$sidecar/status"
grep -Eq '^NoNewPrivs:.1$' "/proc/$sidecar/status"
if grep -E '\[(aot|cds)|AOT cache' "$root.log"; then echo 'the AOT cache is not used' >&2; exit 1; fi
grep -q 'AOT-processed' "$root.log"
grep -q '/app/lib/native/libnetty_transport_native_epoll' "/proc/$sidecar/maps"
(in_image "$port" "${health[@]}")
if (in_image "$port" "${health[@]}" /no-such-page 2> /dev/null); then echo 'the health check is always content' >&2; exit 1; fi

kill -TERM "$sidecar"
code=0
wait "$sidecar" || code=$?
if [ "$code" -ne 143 ]; then echo "ended with $code" >&2; exit 1; fi
kill "$demo"
wait "$demo" || true
trap tidy_up EXIT
rm -f "$root.log" "$root.answer"
echo 'the image starts, answers, is healthy and stops'
