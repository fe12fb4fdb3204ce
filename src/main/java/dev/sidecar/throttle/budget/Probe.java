package dev.sidecar.throttle.budget;

/**
 * When a learned limit is put to the test: the rate goes a quarter above it for a whole window, and again from there,
 * until the provider refuses or the operator's limit is reached. Immutable; all times in nanoseconds.
 *
 * <p>
 * A whole window, because a provider that counts in fixed windows, or has tokens saved up, lets more through for a part of
 * one; and what a probe gained is on trial for some time, since tokens may last longer than that.
 *
 * @param running whether the rate is above the learned limit now
 * @param from the learned limit before the latest probe
 * @param stageAt since when the rate has been where it is, if running
 * @param dueAt when the next one may begin
 * @param every the distance to the one after: twice as far after each that was in vain
 * @param gainedAt when the latest one raised the limit, if {@code gained}
 * @param gained whether the latest one raised the limit, and nothing has been refused since
 */
record Probe(boolean running, double from, long stageAt, long dueAt, long every, long gainedAt, boolean gained,
        boolean doubtful) {

    /** By how much the rate goes above what is known to be allowed. */
    static final double FACTOR = 1.25;
    /** The first comes this long after the limit was learned. */
    static final long FIRST = 2 * BudgetRule.PERIOD;
    /** And none later than this after the one before: so long a limit that has risen may go unnoticed. */
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

    /** Whether what was accepted since the rate went up is to be believed. */
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

    /** A limit was learned or corrected: not at once again. */
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

    /** Whether a limit that has been raised is still so new that the next refusal disproves it. */
    boolean isOnTrial(long now) {
        return gained && now - gainedAt < TRIAL;
    }
}
