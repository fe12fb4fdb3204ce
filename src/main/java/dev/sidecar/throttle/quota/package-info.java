/** What a client allows itself: its own limits over sliding periods, and how many of its requests run at a time. */
@NullMarked
package dev.sidecar.throttle.quota;

import org.jspecify.annotations.NullMarked;
