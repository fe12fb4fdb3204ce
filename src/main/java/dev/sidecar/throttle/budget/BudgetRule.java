package dev.sidecar.throttle.budget;

/**
 * The numbers that follow from a limit, a burst capacity and a pacing; all times in nanoseconds. Immutable.
 *
 * @param rate requests a minute, 1 to 1 000 000
 * @param limit the rate as a ceiling: arrivals in any 60 s
 * @param burst the largest number sent at once
 * @param paced whether every grant keeps its distance from the previous one
 * @param interval the distance that uses up the limit exactly: {@code PERIOD / limit}
 * @param even the distance kept when paced: 60 s / (0.975 · rate)
 * @param gap the smallest distance of two grants: 25 ms, less where the limit needs it
 * @param handOver the longest time that a grant waits until the previous one is marked as sent
 */
public record BudgetRule(double rate, int limit, int burst, boolean paced, long interval, long even, long gap,
        long handOver) {

    /** The period over which the provider counts. */
    public static final long PERIOD = 60_000_000_000L;

    /**
     * Room for jitter between sending and arrival. A request counts as arriving this long after it was sent, or when
     * its response begins if that is earlier. So at most {@code limit} requests arrive in any 60 s, unless one is on
     * its way for longer than this.
     */
    public static final long GUARD = 600_000_000L;

    /** The guard grows with the time for writing a request, up to this. */
    static final long LONGEST_GUARD = PERIOD;

    /** The longest time that a request counts after it was sent, unless writing it took longer than the guard. */
    public static final long SPAN = PERIOD + GUARD;

    /** The part of the limit that pacing spaced requests use: at 97.5 % no usual way of counting sees one too many. */
    private static final double EVEN_SHARE = 0.975;

    private static final long LONGEST_GAP = 25_000_000L;

    static BudgetRule of(int limit, int burst, boolean paced) {
        return of((double) limit, burst, paced);
    }

    /**
     * A rate between two whole numbers is rounded down where it is a ceiling. Where grants are paced it only sets their
     * distance, and the ceiling is the next whole number.
     */
    static BudgetRule of(double ratePerMinute, int burst, boolean paced) {
        int limit = (int) (paced ? Math.ceil(ratePerMinute - 1e-6) : ratePerMinute + 1e-6);
        BudgetSettings.checkRange("limitPerMinute", limit, 1);
        long interval = PERIOD / limit;
        long even = Math.max(interval, (long) Math.ceil(PERIOD / (EVEN_SHARE * ratePerMinute)));
        return new BudgetRule(ratePerMinute, limit, burst, paced, interval, even, Math.min(LONGEST_GAP, interval / 60),
                Math.min(LONGEST_GAP, interval / 2));
    }

    boolean isFor(double ratePerMinute, int burstCapacity, boolean pacing) {
        return rate == ratePerMinute && burst == burstCapacity && paced == pacing;
    }

    /**
     * The distance at which the remaining slots last until more come back.
     *
     * @param untilMore from the previous grant
     */
    long spread(int left, long untilMore) {
        // Slightly less than even: otherwise the uneven times of returning slots add up to a lower rate.
        return Math.max(4 * PERIOD / (5L * limit + 4L * left), 5 * untilMore / (5L * left + 6));
    }

    /** How late a grant may be without moving the plan of later grants, so that late timers do not add up to a lower rate. */
    long tolerance() {
        return handOver;
    }
}
