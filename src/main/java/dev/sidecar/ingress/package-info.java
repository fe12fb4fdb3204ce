/** The server half: limits of connections and bodies, strict HTTP, the guard against web pages, and the requests under way. */
@NullMarked
package dev.sidecar.ingress;

import org.jspecify.annotations.NullMarked;
