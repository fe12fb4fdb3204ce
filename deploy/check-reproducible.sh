#!/bin/bash
# Builds the committed state twice, in two folders, and compares the jars byte for byte.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for build in one another; do
    git clone -q . "$work/$build"
    (cd "$work/$build" && ./mvnw -B -q -ntp "$@" -Dmaven.test.skip=true package)
done
one=$(echo "$work"/one/target/nvidia-sidecar-*.jar)
another=$(echo "$work"/another/target/nvidia-sidecar-*.jar)
sha256sum "$one" "$another"
if ! cmp "$one" "$another"; then
    diff <(unzip -lv "$one") <(unzip -lv "$another") || true
    exit 1
fi
echo 'the two builds are identical'
