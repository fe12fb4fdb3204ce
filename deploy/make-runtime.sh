#!/bin/sh
# Makes a Java runtime of just the modules that the sidecar needs, for the container image.
#
#   deploy/make-runtime.sh /opt/java
#
# Java 25 from JAVA_HOME, or the one on the PATH. The list is what jdeps --print-module-deps finds in the sidecar's jars
# (but java.net.http, which Spring could use and nothing here does), and what is only found at run time: TLS with
# elliptic curves, DNS, JMX, and what an operator needs to look inside (jcmd, flight recorder).
set -eu

if [ $# -ne 1 ]; then
    echo "usage: $0 DIRECTORY" >&2
    exit 2
fi
target=$1
jlink=$(command -v "${JAVA_HOME:+$JAVA_HOME/bin/}jlink")
case $("$jlink" --version) in
    25*) ;;
    *) echo "$jlink is not of a JDK 25: set JAVA_HOME" >&2; exit 1 ;;
esac

modules=java.base,java.compiler,java.desktop,java.instrument,java.logging,java.management,java.management.rmi
modules=$modules,java.naming,java.prefs,java.rmi,java.scripting,java.security.jgss,java.security.sasl
modules=$modules,java.sql,java.transaction.xa,java.xml,jdk.attach,jdk.crypto.ec,jdk.httpserver,jdk.jcmd,jdk.jfr
modules=$modules,jdk.management,jdk.management.agent,jdk.management.jfr,jdk.naming.dns,jdk.net,jdk.unsupported,jdk.zipfs

# java.desktop is there for java.beans, which Spring reads properties with. Nothing is ever drawn, printed or played, and no XSLT is
# compiled. jlink wants something of each package: the smallest. And what Java says to people, it says in English.
unused=$(mktemp)
trap 'rm -f "$unused" "$unused.all"' EXIT
"$(dirname "$jlink")/jimage" list --verbose --include 'regex:/java[.](base|desktop|xml)/.*' \
    "$(dirname "$(dirname "$(readlink -f "$jlink")")")/lib/modules" > "$unused.all"
awk '
    /^Module:/ { module = $2 }
    NF != 4 || $4 !~ /\// { next }
    module != "java.desktop" && $4 ~ /_(ca|cs|de|es|fr|it|ja|ko|pt_BR|sk|sv|tr|zh_CN|zh_HK|zh_TW)[.]class$/ {
        print "/" module "/" $4
        next
    }
    # The names of characters, which only regular expressions with \N{...} ask for.
    $4 == "java/lang/uniName.dat" { print "/" module "/" $4 }
    module == "java.base" { next }
    module == "java.desktop" && $4 ~ /^(java|com\/sun)\/beans\// { next }
    module == "java.xml" && $4 !~ /^com\/sun\/org\/apache\/(bcel|xalan\/internal\/xsltc\/compiler)\// { next }
    # What makes any Transformer is made of these, or complains with them.
    $4 ~ /\/(SourceLoader|ErrorMsg|ErrorMessages)[.]class$/ { next }
    {
        package = $4
        sub(/\/[^\/]*$/, "", package)
        if (package in smallest && size[package] <= $2) {
            print "/" module "/" $4
        } else {
            if (package in smallest) { print "/" module "/" smallest[package] }
            smallest[package] = $4
            size[package] = $2
        }
    }' "$unused.all" > "$unused"
if [ "$(wc -l < "$unused")" -lt 1000 ]; then
    echo "jimage has listed nothing to leave out of java.desktop" >&2
    exit 1
fi

rm -rf "$target"
# Compressed, and without the line numbers of Java's own classes: what a start needs of it comes from the AOT cache.
"$jlink" --add-modules "$modules" --no-header-files --no-man-pages --compress zip-9 --strip-java-debug-attributes \
    "--exclude-resources=@$unused" --output "$target"

# With which another Java would read this one, what a cache would be made of that this one does not use, an array's sorting by
# AVX-512 (nothing here sorts any that is long), and commands that are of no use to an operator.
rm -f "$target/lib/jrt-fs.jar" "$target/lib/classlist" "$target/lib/libsimdsort.so"
rm -f "$target/bin/jrunscript" "$target/bin/jwebserver" "$target/bin/rmiregistry"
for name in awt awt_headless awt_xawt fontmanager freetype javajpeg jawt jsound lcms mlib_image splashscreen; do
    rm -f "$target/lib/lib$name.so"
done
# The names of functions that only a debugger of the JVM itself looks for.
if command -v strip > /dev/null; then
    strip -p --strip-unneeded "$target/lib/server/libjvm.so" "$target"/lib/*.so
fi
