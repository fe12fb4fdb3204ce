package dev.sidecar.simulator;

import java.util.concurrent.atomic.AtomicLong;

/** The counts of the simulated provider that are not of one key; written on its event loop, read from any thread. */
final class Tally {

    final AtomicLong requests = new AtomicLong();
    final AtomicLong aborted = new AtomicLong();
    final AtomicLong tokens = new AtomicLong();
}
