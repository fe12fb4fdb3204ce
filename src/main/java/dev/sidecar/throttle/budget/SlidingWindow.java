package dev.sidecar.throttle.budget;

import dev.sidecar.throttle.order.Deadlines;

/**
 * The budget: when the next request may be sent. Not thread-safe, no clock: the time is passed in, in nanoseconds.
 *
 * <h2>The rules</h2>
 * Let <i>N</i> be the limit, <i>B</i> the burst capacity, and <i>interval</i> = 60 s / <i>N</i>. <i>Used</i> is what the
 * provider may still count ({@link SlidingWindowLog}: sent requests count until a minute after they must have arrived), plus
 * slots handed out and not yet sent; <i>left</i> is <i>N</i> − <i>used</i>, at least 0. A grant must satisfy all of these:
 * <ol>
 * <li><b>Pause.</b> The provider has not asked to wait, or has been waited for.
 * <li><b>Ceiling.</b> <i>left</i> ≥ 1. A slot counts from when it is sent, so no 60 s at the provider hold more than
 * <i>N</i> arrivals, whatever else happens. (What bypasses the queue is counted, but not stopped.)
 * <li><b>Burst.</b> Never more than <i>B</i> at once: a credit of <i>B</i>, one a grant, one back every interval (GCRA).
 * With <i>B</i> = <i>N</i> this asks nothing beyond the ceiling.
 * <li><b>Gap and order.</b> A small gap after the grant before; and that one has been marked as sent, or had a moment
 * for it, because otherwise two threads could overtake each other between grant and write.
 * <li><b>Spread</b> (window pacing). A <i>busy period</i> lasts from the first high or normal request that waits until
 * none does. At its start, what is left is its <i>allowance</i>: that many go at once. After that a request goes at once
 * if, with everybody of its class or above, it takes no more than half of what is left (2 · waiting − 1 ≤ left: a lone
 * request always goes at once). Otherwise it keeps a distance of
 * max(60 s / (1.25 · <i>N</i> + <i>left</i>), (oldest expiry − last grant) / (<i>left</i> + 1.2)) from the grant before:
 * what is left lasts until more comes back, so that no class meets an empty minute, and nothing that is left stays unused
 * for long. Where a deadline of somebody who waits forbids it ({@link Deadlines}), nothing is spread.
 * <li><b>Low</b> (window pacing). A low request keeps one interval from the low grant before, and has no allowance:
 * it is never part of a burst, and what its floor owes it comes after.
 * <li><b>Even</b> (paced). Every grant keeps 60 s / (0.975 · <i>rate</i>) from the one before, in place of 5 and 6.
 * </ol>
 * Why half, and not all, of what is left (rule 5): a backlog that just fits the fresh window would go at once and leave an
 * empty minute to the requests that come next. About as many as fit is what a lasting overload leaves waiting, because what cannot
 * start in time is refused on arrival.
 */
public final class SlidingWindow {

    /** The delay of what no passage of time allows: only the end of a slot does. */
    public static final long NEVER = Long.MAX_VALUE;

    private static final long LONG_POSSIBLE = Long.MIN_VALUE / 2;

    private final SlidingWindowLog log = new SlidingWindowLog();
    private BudgetRule rule;
    private PacingState pace;
    private long pausedUntil;
    /** Slots handed out and not yet sent. */
    private int unsent;

    SlidingWindow(BudgetRule rule, long now) {
        this.rule = rule;
        this.pace = PacingState.idle(now);
        this.pausedUntil = now;
    }

    public BudgetRule rule() {
        return rule;
    }

    /** What was sent stays counted: a lower limit holds at once, for what is behind as for what comes. */
    void change(BudgetRule newRule, long now) {
        pace = pace.changed(rule, newRule, now);
        rule = newRule;
    }

    /** Nothing may be granted before this time, whatever the rules allow. */
    void pause(long until) {
        pausedUntil = until;
    }

    /** What was sent and still counts. */
    public int sent(long now) {
        return log.count(now);
    }

    /** May be above the limit, after a bypass or when the limit was lowered. */
    public int used(long now) {
        return log.count(now) + unsent;
    }

    public int left(long now) {
        return Math.max(0, rule.limit() - used(now));
    }

    /** How many could be sent at once now: 0 to the burst capacity. */
    public double tokens(long now) {
        double level = pausedUntil - now > 0 ? 0 : Math.min(left(now), pace.burstLevel(rule, now));
        return rule.paced() && pace.distanceDelay(rule.even(), now) > 0 ? 0 : level;
    }

    /** Somebody of high or normal class begins to wait, and nobody else of them does. */
    public void busy(long now) {
        pace = pace.busy(left(now));
    }

    /** Slots handed out and not yet sent. */
    public int unsent() {
        return unsent;
    }

    /** When the latest grant was made. */
    public long grantedAt() {
        return pace.grantedAt();
    }

    /**
     * Until a request may be granted, if nothing changes; at most 0 if it may be granted now.
     *
     * @param waiting how many wait in its class and above, itself included
     * @param spread whether what is left is spread until more comes back (rule 5)
     */
    public long delay(boolean low, int waiting, boolean spread, long now) {
        return Math.max(Math.max(pauseDelay(now), ceilingDelay(1, now)),
                pace.delay(rule, low, waiting, left(now), log.expiry(0, now), spread, now));
    }

    /**
     * The earliest that a newcomer could be granted if everybody before it is served as fast as the rules can allow and
     * every slot that is still unsent comes back unused: a lower bound in O(1), for refusing what is hopeless.
     *
     * @param by the rule to go by: the one in force, or one that may come back into force
     * @param place its number among all that are served until then, itself included, from 1
     * @param lowPlace its number among the low ones of them, itself included, for a low request; otherwise 0
     */
    public long startDelay(BudgetRule by, int place, int lowPlace, long now) {
        long delay = Math.max(ceilingStart(by, place, now), pace.burstDelay(by, (long) place - unsent, now));
        long distance = by.paced() ? by.even() : by.interval();
        int paced = by.paced() ? place : lowPlace;
        if (paced > 0) {
            long sinceLast = by.paced() ? pace.distanceDelay(0, now) : pace.lowDelay(0, now);
            delay = Math.max(delay, start(by, sinceLast, distance, paced));
        }
        long pause = pauseDelay(now);
        return pause <= 0 ? delay : Math.max(delay, pause + startAfterPause(by, place, paced, distance));
    }

    /** The same from the end of a pause on, as if everything that was sent before had expired by then. */
    private long startAfterPause(BudgetRule by, int place, int paced, long distance) {
        long planned = Math.max(((long) place - unsent - by.burst()) * by.interval(), (paced - 1L) * distance);
        return Math.max((place - 1) / by.limit() * BudgetRule.PERIOD, planned - by.tolerance());
    }

    /** What is known now, for playing the rules forward. */
    public PacingState pace() {
        return pace;
    }

    public long pausedUntil() {
        return pausedUntil;
    }

    /**
     * When the n-th of those that are used (0 being the oldest) is no longer counted at the latest, if every slot that is out is
     * sent now.
     *
     * @param counted how many of them have been {@link #sent}
     */
    public long latestExpiry(int position, int counted, long now) {
        long expiry = position < counted ? log.expiry(position, now) : now + BudgetRule.SPAN;
        // One that has not arrived may do so until the guard has passed.
        return expiry - now < BudgetRule.PERIOD || expiry - now > BudgetRule.SPAN ? expiry : now + BudgetRule.SPAN;
    }

    /**
     * Hands out a slot.
     *
     * @param late for how long it was possible and somebody was there, at least 0: the plan of the next one forgives
     *        a little lateness
     * @return the pace before, which {@link #giveBack} wants back
     */
    PacingState grant(boolean low, long late, long now) {
        PacingState before = pace;
        pace = pace.granted(rule, low, late, now);
        unsent++;
        return before;
    }

    /** Hands out a slot beside the rules: it is counted, but keeps and causes no distance. */
    PacingState bypass() {
        unsent++;
        return pace;
    }

    /** What was granted after this pace has been written, which took so long. */
    SlidingWindowLog.Sent sent(PacingState before, long writing, long now) {
        unsent--;
        pace = pace.handedOver(before.grants() + 1);
        return log.sent(writing, now);
    }

    /** The answer to what was sent begins. */
    void answered(SlidingWindowLog.Sent sent, long now) {
        log.answered(sent, now);
    }

    /** The slot whose grant came after this pace was not used. */
    void giveBack(PacingState before, boolean low) {
        unsent--;
        pace = pace.givenBack(rule, before, low);
    }

    /** What was let by has been written, which took so long. */
    SlidingWindowLog.Sent bypassSent(long writing, long now) {
        unsent--;
        return log.sent(writing, now);
    }

    /** The provider refused what was sent in a bypassed slot. */
    void bypassRefused(SlidingWindowLog.Sent sent, long now) {
        log.forget(sent, now);
    }

    /** A bypassed slot was not used. */
    void bypassGivenBack() {
        unsent--;
    }

    /** Until this many may be taken at once beside the queue; {@link #NEVER} if there are never so many at once. */
    long takeDelay(int count, long now) {
        if (count > Math.min(rule.limit(), rule.burst()) || (rule.paced() && count > 1)) {
            return NEVER;
        }
        long delay = Math.max(pauseDelay(now), Math.max(ceilingDelay(count, now), pace.sharedDelay(rule, now)));
        delay = Math.max(delay, pace.burstDelay(rule, count, now));
        return rule.paced() ? Math.max(delay, pace.distanceDelay(rule.even(), now)) : delay;
    }

    /** Takes this many beside the queue and counts them as sent at this time, which may be in the future. */
    void take(int count, long at) {
        log.take(count, at);
        pace = pace.taken(rule, count, at);
    }

    /**
     * When ceiling and burst capacity allow as many as this place says, itself included, at the latest: each place comes back
     * after a whole span.
     */
    public long latestStart(int place, long now) {
        int windows = (place - 1) / rule.limit();
        int expiring = (place - 1) % rule.limit() + 1 - (rule.limit() - used(now));
        long back = expiring <= 0 ? 0 : latestExpiry(expiring - 1, sent(now), now) - now;
        return Math.max(windows * BudgetRule.SPAN + back, pace.burstDelay(rule, place, now));
    }

    private long pauseDelay(long now) {
        return pausedUntil - now > 0 ? pausedUntil - now : LONG_POSSIBLE;
    }

    /** Until this many more are within the limit. */
    private long ceilingDelay(int count, long now) {
        int expiring = used(now) + count - rule.limit();
        if (expiring <= 0) {
            return LONG_POSSIBLE;
        }
        return expiring > log.count(now) ? NEVER : log.expiry(expiring - 1, now) - now;
    }

    /** The ceiling's part of {@link #startDelay}: N places a window, each free when the one N before it expires. */
    private long ceilingStart(BudgetRule by, int place, long now) {
        int windows = (place - 1) / by.limit();
        int expiring = (place - 1) % by.limit() + 1 - (by.limit() - log.count(now));
        long first = expiring <= 0 ? 0 : log.expiry(expiring - 1, now) - now;
        return Math.max(0, windows * BudgetRule.PERIOD + first);
    }

    /** The n-th of evenly paced grants, the latest of which was planned {@code sinceLast} (at most 0) from now. */
    private long start(BudgetRule by, long sinceLast, long distance, int place) {
        long next = Math.max(sinceLast + distance, -by.tolerance());
        return next + ((long) place - 1 - unsent) * distance;
    }
}
