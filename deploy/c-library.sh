#!/bin/sh
# Copies what a Java runtime needs of this system to where an image has nothing else: the C library, and the few files in
# /etc without which names of hosts and of the user are not found.
#
#   deploy/c-library.sh /opt/java ROOT
#
# Fails when the runtime needs a library that is not the C library's.
set -eu

if [ $# -ne 2 ]; then
    echo "usage: $0 RUNTIME ROOT" >&2
    exit 2
fi
runtime=$(cd "$1" && pwd)
mkdir -p "$2/etc" "$2/tmp"
root=$(cd "$2" && pwd)
chmod 1777 "$root/tmp"

find "$runtime" \( -name '*.so' -o -path '*/bin/java' \) -exec ldd {} + |
    sed -n 's/^.*[[:space:]]\(\/[^ ]*\) (0x.*/\1/p' | sort -u | while read -r library; do
    case $library in
        "$runtime"/*) continue ;;
        */libc.so.6 | */libm.so.6 | */libdl.so.2 | */libpthread.so.0 | */librt.so.1 | */ld-linux*) ;;
        *) echo "$runtime needs $library" >&2; exit 1 ;;
    esac
    install -D "$library" "$root$library"
done

echo 'sidecar:x:65532:65532:NVIDIA Sidecar:/tmp:/sbin/nologin' > "$root/etc/passwd"
echo 'sidecar:x:65532:' > "$root/etc/group"
echo 'hosts: files dns' > "$root/etc/nsswitch.conf"
