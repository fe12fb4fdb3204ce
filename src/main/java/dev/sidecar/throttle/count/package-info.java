/** How much was used in a sliding period: exact, or in buckets. No class reads a clock or takes a lock. */
@NullMarked
package dev.sidecar.throttle.count;

import org.jspecify.annotations.NullMarked;
