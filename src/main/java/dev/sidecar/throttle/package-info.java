/** The throttle: the only lock, the only clock, and how threads wait. No Camel, no Spring, no I/O. */
@NullMarked
package dev.sidecar.throttle;

import org.jspecify.annotations.NullMarked;
