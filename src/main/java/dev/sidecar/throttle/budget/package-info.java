/** May it go now: one budget a key, with its sliding window, pacing, learned limit and pauses. Pure: the time is passed in. */
@NullMarked
package dev.sidecar.throttle.budget;

import org.jspecify.annotations.NullMarked;
