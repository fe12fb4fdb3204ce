#!/bin/sh
# Lays the sidecar out for a fast start: the jar taken apart, and beside it what the JVM has learned from serving some
# thousand requests of a simulated provider (an AOT cache: JEP 483, JEP 514, JEP 515).
#
#   deploy/lay-out.sh target/nvidia-sidecar-0.1.0-SNAPSHOT.jar /opt/nvidia-sidecar
#   /opt/nvidia-sidecar/bin/sidecar
#
# Takes about a minute. The cache is for this Java, these options and this jar; where one of them differs the JVM says so
# and starts without it. The folder may be moved as it is, but the times
# of its files must stay: cp -a, tar or COPY. JAVA names the java command; without it, the one in DIRECTORY/java
# (deploy/make-runtime.sh), in JAVA_HOME or on the PATH.
set -eu

if [ $# -ne 2 ]; then
    echo "usage: $0 JAR DIRECTORY" >&2
    exit 2
fi
jar=$1
target=$2
here=$(cd "$(dirname "$0")" && pwd)

mkdir -p "$target/bin"
target=$(cd "$target" && pwd)
if [ -z "${JAVA:-}" ] && [ -x "$target/java/bin/java" ]; then
    java=$target/java/bin/java
    # A folder that brings its own Java can be moved.
    java_from_home=\$home/java/bin/java
else
    java=$(command -v "${JAVA:-${JAVA_HOME:+$JAVA_HOME/bin/}java}")
    java_from_home=$java
fi
"$java" -Djarmode=tools -jar "$jar" extract --force --destination "$target/lib"
mv "$target/lib/$(basename "$jar")" "$target/lib/nvidia-sidecar.jar"
"$java" -cp "$target/lib/nvidia-sidecar.jar" dev.sidecar.image.NativeLibraries "$target/lib" "$target/lib/native"
cp "$here/jvm.options" "$target/jvm.options"
mkdir -p "$target/routes"
cp "$here"/../routes/*.camel.yaml "$target/routes/"

cat > "$target/bin/sidecar" << END
#!/bin/sh
# Starts the sidecar with what deploy/lay-out.sh has prepared, on the Java that it was prepared for.
home=\$(cd "\$(dirname "\$0")/.." && pwd)
java=\${JAVA:-$java_from_home}
END
cat >> "$target/bin/sidecar" << 'END'
export SIDECAR_ROUTES_DIR="${SIDECAR_ROUTES_DIR:-$home/routes}"
# What the compilers take in large pieces goes back to the system at once, 10 MB at the start.
export GLIBC_TUNABLES="${GLIBC_TUNABLES:-glibc.malloc.mmap_threshold=30000}"
exec "$java" "@$home/jvm.options" -XX:AOTCache="$home/sidecar.aot" "-Djava.library.path=$home/lib/native" \
    -jar "$home/lib/nvidia-sidecar.jar" "$@"
END
chmod +x "$target/bin/sidecar"

# A copy of the routes: one of them is edited meanwhile.
practice=$(mktemp -d)
trap 'rm -rf "$practice"' EXIT
cp "$target"/routes/*.camel.yaml "$practice/"
"$java" --sun-misc-unsafe-memory-access=allow -cp "$target/lib/nvidia-sidecar.jar" dev.sidecar.image.Training "$practice" \
    "$java" "@$target/jvm.options" -XX:AOTCacheOutput="$target/sidecar.aot" -Xlog:aot=error \
    "-Djava.library.path=$target/lib/native" -jar "$target/lib/nvidia-sidecar.jar"
