/**
 * One queue and one budget for several replicas. The replica that holds the lease leads: it runs a {@link
 * dev.sidecar.throttle.Throttle} over the requests of all. Each replica owns a part of every limit, and lends what it does not need.
 * {@link dev.sidecar.fleet.Replica} and what it uses are state machines without a network, a thread or a clock of their own.
 */
@NullMarked
package dev.sidecar.fleet;

import org.jspecify.annotations.NullMarked;
