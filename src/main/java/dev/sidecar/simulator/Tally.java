package dev.sidecar.simulator;

import java.util.concurrent.atomic.AtomicLong;

/** What happened at the simulated provider so far; written on its event loop, read from anywhere. */
final class Tally {

    final AtomicLong requests = new AtomicLong();
    final AtomicLong accepted = new AtomicLong();
    final AtomicLong refused = new AtomicLong();
    final AtomicLong aborted = new AtomicLong();
    final AtomicLong tokens = new AtomicLong();
}
