/** Which key pays: the accounts of a provider, and how many requests of each model may be in flight at a time. */
@NullMarked
package dev.sidecar.throttle.pool;

import org.jspecify.annotations.NullMarked;
