/** The ways in which real providers count requests, one class a way, and the network before them. Nothing here reads a clock or takes a lock, so that hours pass in milliseconds. */
@NullMarked
package dev.sidecar.simulator.limits;

import org.jspecify.annotations.NullMarked;
