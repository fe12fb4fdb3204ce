#!/bin/sh
# Makes a Java runtime of just the modules that the sidecar needs, for the container image and for systemd.
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
jlink=$(command -v "${JAVA_HOME:+$JAVA_HOME/bin/}jlink")
case $("$jlink" --version) in
    25*) ;;
    *) echo "$jlink is not of a JDK 25: set JAVA_HOME" >&2; exit 1 ;;
esac

modules=java.base,java.compiler,java.desktop,java.instrument,java.logging,java.management,java.management.rmi
modules=$modules,java.naming,java.prefs,java.rmi,java.scripting,java.security.jgss,java.security.sasl
modules=$modules,java.sql,java.transaction.xa,java.xml,jdk.attach,jdk.crypto.ec,jdk.httpserver,jdk.jcmd,jdk.jfr
modules=$modules,jdk.management,jdk.management.agent,jdk.management.jfr,jdk.naming.dns,jdk.net,jdk.unsupported,jdk.zipfs

rm -rf "$1"
# Compressed, and without the line numbers of Java's own classes: what a start needs of it comes from the AOT cache. java.desktop is
# there for java.beans, which Spring reads properties with: nothing is drawn, so without the native libraries that draw.
"$jlink" --add-modules "$modules" --no-header-files --no-man-pages --compress zip-9 --strip-java-debug-attributes \
    --exclude-files '/java.desktop/lib/*.so' --output "$1"
# The names of functions that only a debugger of the JVM itself looks for, 5 MB.
if command -v strip > /dev/null; then strip -p --strip-unneeded "$1/lib/server/libjvm.so"; fi
