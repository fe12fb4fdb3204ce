/** Replicas that share one budget and one order: how they reach each other. */
@NullMarked
package dev.sidecar.fleet;

import org.jspecify.annotations.NullMarked;
