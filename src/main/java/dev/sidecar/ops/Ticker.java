package dev.sidecar.ops;

import java.time.Duration;

/** Does something again and again. Thread-safe. */
@FunctionalInterface
public interface Ticker {

    /**
     * Begins to run a task once every period, for the first time after one period.
     *
     * @return ends it; a run that is under way goes on
     */
    Runnable every(Duration period, Runnable task);
}
