/** How many requests of each model may be in flight at a time. */
@NullMarked
package dev.sidecar.throttle.pool;

import org.jspecify.annotations.NullMarked;
