package dev.sidecar.throttle;

/**
 * The numbers that a limit, a burst capacity and a pacing lead to; all times in nanoseconds. Immutable.
 *
 * @param limit sends in any {@link #SPAN}, 1 to 1 000 000
 * @param burst the most sent at once
 * @param paced whether every grant keeps its distance from the one before
 * @param interval the distance that uses up the limit exactly: {@code SPAN / limit}
 * @param even the distance kept when paced: 60 s / (0.975 · limit)
 * @param gap the least distance of two grants: 25 ms, less where the limit needs it
 * @param handOver how long a grant waits at most for the one before to be marked as sent
 */
record BudgetRule(int limit, int burst, boolean paced, long interval, long even, long gap, long handOver) {

    /** What the provider counts over. */
    static final long PERIOD = 60_000_000_000L;

    /**
     * Room for jitter between sending and arrival: requests whose time on the way differs by no more than this arrive
     * as a ceiling of {@code limit} in any 60 s.
     */
    static final long GUARD = 1_000_000_000L;

    /** What the sidecar counts over. */
    static final long SPAN = PERIOD + GUARD;

    private static final long SMALL = 25_000_000L;

    static BudgetRule of(int limit, int burst, boolean paced) {
        ThrottleSettings.checkRange("limitPerMinute", limit, 1);
        long interval = SPAN / limit;
        long even = Math.max(interval, Math.ceilDiv(PERIOD * 40, 39L * limit));
        return new BudgetRule(limit, burst, paced, interval, even, Math.min(SMALL, interval / 60),
                Math.min(SMALL, interval / 2));
    }

    /**
     * How late a grant may come without moving the plan of those after it, so that the lateness of timers does not add
     * up to a lower rate.
     */
    long tolerance() {
        return handOver;
    }
}
