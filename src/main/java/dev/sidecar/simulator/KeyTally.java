package dev.sidecar.simulator;

import java.util.concurrent.atomic.AtomicLong;

/** The counts of one key; written on the event loop of the simulated provider, read from any thread. */
final class KeyTally {

    final AtomicLong accepted = new AtomicLong();
    final AtomicLong refused = new AtomicLong();
    final AtomicLong refusedForTokens = new AtomicLong();
    final AtomicLong tokens = new AtomicLong();
    final AtomicLong denied = new AtomicLong();
}
