package dev.sidecar.simulator;

import java.util.concurrent.atomic.AtomicLong;

/** The counts of the simulated provider; written on its event loop, read from any thread. */
final class Tally {

    final AtomicLong requests = new AtomicLong();
    final AtomicLong accepted = new AtomicLong();
    final AtomicLong refused = new AtomicLong();
    final AtomicLong aborted = new AtomicLong();
    final AtomicLong tokens = new AtomicLong();
}
