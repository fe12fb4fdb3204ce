/** Counts and latencies of the traffic, in total and by model, and the evidence about the provider. */
@NullMarked
package dev.sidecar.traffic;

import org.jspecify.annotations.NullMarked;
