/** The heart: order and budget. No Camel, no Spring, no I/O; time comes from a clock that tests replace. */
@NullMarked
package dev.sidecar.throttle;

import org.jspecify.annotations.NullMarked;
