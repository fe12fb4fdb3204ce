package dev.sidecar.throttle.budget;

/**
 * The numbers that a limit, a burst capacity and a pacing lead to; all times in nanoseconds. Immutable.
 *
 * @param rate requests a minute, 1 to 1 000 000
 * @param limit the rate as a ceiling: arrivals in any 60 s
 * @param burst the most sent at once
 * @param paced whether every grant keeps its distance from the one before
 * @param interval the distance that uses up the limit exactly: {@code PERIOD / limit}
 * @param even the distance kept when paced: 60 s / (0.975 · rate)
 * @param gap the least distance of two grants: 25 ms, less where the limit needs it
 * @param handOver how long a grant waits at most for the one before to be marked as sent
 */
public record BudgetRule(double rate, int limit, int burst, boolean paced, long interval, long even, long gap,
        long handOver) {

    /** What the provider counts over. */
    public static final long PERIOD = 60_000_000_000L;

    /**
     * Room for jitter between sending and arrival: a request is counted as arriving this much after it was sent, or when
     * its answer begins if that is earlier. So requests that are on their way for no longer than this arrive as a ceiling
     * of {@code limit} in any 60 s.
     */
    public static final long GUARD = 600_000_000L;

    /** It grows with the time that a request took to be written, up to this. */
    static final long LONGEST_GUARD = PERIOD;

    /** The longest time from sending that a request counts for, unless it took longer than the guard to be written. */
    public static final long SPAN = PERIOD + GUARD;

    /** What evenly spaced requests use of the limit: at 97.5 % no usual way of counting sees one too many. */
    private static final double EVEN_SHARE = 0.975;

    private static final long SMALL = 25_000_000L;

    static BudgetRule of(int limit, int burst, boolean paced) {
        return of((double) limit, burst, paced);
    }

    /**
     * A rate between two whole numbers is rounded down where it is a ceiling; where grants are paced it only sets their
     * distance, and the ceiling is the next whole number.
     */
    static BudgetRule of(double ratePerMinute, int burst, boolean paced) {
        int limit = (int) (paced ? Math.ceil(ratePerMinute - 1e-6) : ratePerMinute + 1e-6);
        BudgetSettings.checkRange("limitPerMinute", limit, 1);
        long interval = PERIOD / limit;
        long even = Math.max(interval, (long) Math.ceil(PERIOD / (EVEN_SHARE * ratePerMinute)));
        return new BudgetRule(ratePerMinute, limit, burst, paced, interval, even, Math.min(SMALL, interval / 60),
                Math.min(SMALL, interval / 2));
    }

    boolean isFor(double ratePerMinute, int burstCapacity, boolean evenly) {
        return rate == ratePerMinute && burst == burstCapacity && paced == evenly;
    }

    /**
     * The distance at which this many last until more comes back.
     *
     * @param untilMore from the grant before
     */
    long spread(int left, long untilMore) {
        // A little less than even, or the unevenness of what comes back would add up to a lower rate.
        return Math.max(4 * PERIOD / (5L * limit + 4L * left), 5 * untilMore / (5L * left + 6));
    }

    /**
     * How late a grant may come without moving the plan of those after it, so that the lateness of timers does not add
     * up to a lower rate.
     */
    long tolerance() {
        return handOver;
    }
}
