package dev.sidecar.throttle.budget;

/** How the budget spreads what the limit allows. */
public enum Pacing {
    /** Bursts as far as the trailing window and the burst capacity allow; see {@link SlidingWindow}. */
    WINDOW,
    /** One at a time, evenly spread, at 97.5 % of the limit: safe for every way of counting. */
    PACED,
    /**
     * {@link #WINDOW} until the provider refuses more requests inside its own limit than jitter on the way explains,
     * then {@link #PACED}.
     */
    AUTO;

    /** The effective pacing before the provider's first response. */
    Pacing initial() {
        return this == PACED ? PACED : WINDOW;
    }
}
