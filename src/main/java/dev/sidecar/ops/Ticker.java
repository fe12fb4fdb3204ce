package dev.sidecar.ops;

import java.time.Duration;

/** Repeats a task. Thread-safe. */
@FunctionalInterface
public interface Ticker {

    /**
     * Begins to run a task once every period, for the first time after one period.
     *
     * @return ends the repetition; a running task continues
     */
    Runnable every(Duration period, Runnable task);
}
