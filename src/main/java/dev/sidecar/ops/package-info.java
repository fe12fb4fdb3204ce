/** What operators look at: health, readiness, status, the start-up banner. */
@NullMarked
package dev.sidecar.ops;

import org.jspecify.annotations.NullMarked;
