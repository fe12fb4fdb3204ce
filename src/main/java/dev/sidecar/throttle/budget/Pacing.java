package dev.sidecar.throttle.budget;

/** How the budget spreads what the limit allows. */
public enum Pacing {
    /** Bursts as far as the trailing window and the burst capacity allow; see {@link SlidingWindow}. */
    WINDOW,
    /** One at a time, evenly spread, at 97.5 % of the limit: right whatever way the provider counts. */
    PACED,
    /**
     * {@link #WINDOW} until the provider refuses requests inside its own limit (more of them than the jitter on the way
     * explains), from then on {@link #PACED}.
     */
    AUTO;

    /** What this setting means before the provider has said anything. */
    Pacing initial() {
        return this == PACED ? PACED : WINDOW;
    }
}
