package dev.sidecar.throttle.budget;

/**
 * The test of a learned limit: the rate goes a quarter above it for a whole window. It rises again from there, until
 * the provider refuses or the operator's limit is reached. Immutable; all times in nanoseconds.
 *
 * <p>
 * The test takes a whole window, because fixed windows and saved tokens let more through for a part of one. Its gain is
 * then on trial for some time, since tokens may last longer than a window.
 *
 * @param running whether the rate is above the learned limit now
 * @param from the learned limit before the latest probe
 * @param stageAt since when the rate has been where it is, if running
 * @param dueAt when the next probe may begin
 * @param every the distance to the probe after that: doubled after each probe without gain
 * @param gainedAt when the latest probe raised the limit, if {@code gained}
 * @param gained whether the latest probe raised the limit, and nothing has been refused since
 */
record Probe(boolean running, double from, long stageAt, long dueAt, long every, long gainedAt, boolean gained,
        boolean doubtful) {

    /** The factor by which the rate goes above the known limit. */
    static final double FACTOR = 1.25;
    /** The first probe comes this long after the limit was learned. */
    static final long FIRST = 2 * BudgetRule.PERIOD;
    /** The largest distance of two probes: a risen limit may go unnoticed for this long. */
    static final long RAREST = 8 * BudgetRule.PERIOD;

    private static final long TRIAL = 5 * BudgetRule.PERIOD;

    static Probe none(long now) {
        return new Probe(false, 0, now, now, FIRST, now, false, false);
    }

    boolean isDue(long now) {
        return !running && now - dueAt >= 0;
    }

    Probe started(double limit, long now) {
        return new Probe(true, limit, now, dueAt, every, gainedAt, false, doubtful);
    }

    /** Whether the accepted requests since the rate went up are reliable evidence. */
    boolean hasRunForAWindow(long now) {
        return running && now - stageAt >= (doubtful ? 3 : 1) * BudgetRule.PERIOD;
    }

    /** The rate goes up once more. */
    Probe raised(long now) {
        return new Probe(true, from, now, dueAt, every, gainedAt, false, doubtful);
    }

    /** The operator's limit is reached. */
    Probe arrived(long now) {
        return new Probe(false, from, stageAt, now, FIRST, now, true, doubtful);
    }

    /** A limit was learned or corrected: the next probe waits. */
    Probe postponed(long now) {
        return new Probe(false, from, stageAt, now + every, every, gainedAt, false, doubtful);
    }

    /** The provider refused; the limit is now this. */
    Probe ended(double limit, long now) {
        boolean more = limit > from;
        long next = limit > from * 1.2 ? FIRST : Math.min(RAREST, 2 * every);
        return new Probe(false, from, stageAt, now + next, next, now, more, doubtful);
    }

    /** What the latest probe gained did not last. */
    Probe disproved(boolean wholly, long now) {
        long next = Math.min(RAREST, 2 * every);
        return new Probe(false, from, stageAt, now + next, next, now, !wholly, true);
    }

    Probe trusted() {
        return new Probe(running, from, stageAt, dueAt, every, gainedAt, gained, false);
    }

    /** Whether a raised limit is still so new that the next refusal disproves it. */
    boolean isOnTrial(long now) {
        return gained && now - gainedAt < TRIAL;
    }
}
