/** The sidecar as a proxy, tested from outside: real sockets on both sides of it. */
@NullMarked
package dev.sidecar.proxy;

import org.jspecify.annotations.NullMarked;
