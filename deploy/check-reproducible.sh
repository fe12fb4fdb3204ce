#!/bin/bash
# Builds the committed state in another folder, and compares the jar with the given one, byte for byte.
#
#   deploy/check-reproducible.sh target/nvidia-sidecar-0.1.0-SNAPSHOT.jar
#
# The given jar has to be of the same commit, with nothing changed since.
set -euo pipefail
if [ $# -lt 1 ]; then
    echo "usage: $0 JAR [OPTION OF MAVEN]..." >&2
    exit 2
fi
one=$(realpath "$1")
shift
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git clone -q . "$work/another"
(cd "$work/another" && ./mvnw -B -q -ntp "$@" -Dmaven.test.skip=true package)
another=$(echo "$work"/another/target/nvidia-sidecar-*.jar)
sha256sum "$one" "$another"
if ! cmp "$one" "$another"; then
    diff <(unzip -lv "$one") <(unzip -lv "$another") || true
    exit 1
fi
echo 'the two builds are identical'
