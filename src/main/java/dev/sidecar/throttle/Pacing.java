package dev.sidecar.throttle;

/** How the budget spreads what the limit allows. */
public enum Pacing {
    /** Bursts as far as the trailing window and the burst capacity allow; see {@link SendWindow}. */
    WINDOW,
    /** One at a time, evenly spread, at 97.5 % of the limit: right whatever way the provider counts. */
    PACED,
    /** {@link #WINDOW} until the provider refuses a request inside its own limit, from then on {@link #PACED}. */
    AUTO;

    /** What this setting means before the provider has said anything. */
    Pacing initial() {
        return this == PACED ? PACED : WINDOW;
    }

    /**
     * What this setting means after the provider has refused a request (a pure function; it never goes back).
     *
     * @param current what was in force until now
     * @param insideLimit whether no more was sent in the trailing window than the limit allows
     */
    Pacing afterRefusal(Pacing current, boolean insideLimit) {
        return this == AUTO && insideLimit ? PACED : current;
    }
}
