/** What requests cost in tokens: estimated before, learned from responses. */
@NullMarked
package dev.sidecar.throttle.tokens;

import org.jspecify.annotations.NullMarked;
