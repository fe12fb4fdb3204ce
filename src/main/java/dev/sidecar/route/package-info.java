/** Camel's side of the proxy: the processors and the queue that the YAML routes name. */
@NullMarked
package dev.sidecar.route;

import org.jspecify.annotations.NullMarked;
