/** Where it may go: how many requests of a model are in flight at a time. */
@NullMarked
package dev.sidecar.throttle.pool;

import org.jspecify.annotations.NullMarked;
