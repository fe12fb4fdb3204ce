/**
 * The ways in which real providers count requests and tokens, one class for each, and the network before them. No class
 * reads a clock or takes a lock, so hours pass in milliseconds.
 */
@NullMarked
package dev.sidecar.simulator.limits;

import org.jspecify.annotations.NullMarked;
