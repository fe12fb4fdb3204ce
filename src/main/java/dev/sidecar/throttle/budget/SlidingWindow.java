package dev.sidecar.throttle.budget;

import java.time.Duration;
import java.util.List;

/**
 * The rules for when the next request may be sent. Not thread-safe, no clock: it receives the time, in nanoseconds.
 *
 * <h2>The rules</h2>
 * Let <i>N</i> be the limit, <i>B</i> the burst capacity, and <i>interval</i> = 60 s / <i>N</i>. <i>Used</i> is the
 * number of requests that the provider may still count, plus unsent slots. Sent requests count until a minute after
 * their latest arrival ({@link SlidingWindowLog}). <i>Left</i> is <i>N</i> − <i>used</i>, at least 0. A grant must
 * satisfy all of these rules:
 * <ol>
 * <li><b>Pause.</b> No pause that the provider asked for is in force.
 * <li><b>Ceiling.</b> <i>left</i> ≥ 1. A slot counts from the moment it is sent, so no 60 s at the provider hold more
 * than <i>N</i> arrivals. (A bypass of the queue is counted, but not stopped.)
 * <li><b>Burst.</b> Never more than <i>B</i> at once: a credit of <i>B</i>, minus one for each grant, plus one every
 * interval (GCRA). With <i>B</i> = <i>N</i> this adds nothing to the ceiling.
 * <li><b>Gap and order.</b> A small gap after the previous grant. That grant has been marked as sent, or had a moment
 * for it: otherwise two threads could overtake each other between grant and write.
 * <li><b>Spread</b> (window pacing). A <i>busy period</i> lasts from the first waiting request of high or normal class
 * until none waits. At its start, what is left is its <i>allowance</i>: that many requests go at once. After that a
 * request goes at once if it and all waiting requests of its class or above take no more than half of what is left (2 ·
 * waiting − 1 ≤ left: a lone request always goes at once). Otherwise it keeps a distance of max(60 s / (1.25 · <i>N</i>
 * + <i>left</i>), (oldest expiry − last grant) / (<i>left</i> + 1.2)) from the previous grant. So what is left lasts
 * until more comes back, no class meets an empty minute, and nothing stays unused for long. Nothing is spread where the
 * deadline of a waiting request forbids it ({@code Deadlines}).
 * <li><b>Low</b> (window pacing). A low request keeps one interval from the previous low grant, and has no allowance.
 * It is never part of a burst; its floor is served afterwards.
 * <li><b>Even</b> (paced). Every grant keeps 60 s / (0.975 · <i>rate</i>) from the previous one, in place of rules 5
 * and 6.
 * </ol>
 * Rule 5 uses half, and not all, of what is left for a reason. A backlog that just fits the fresh window would go at
 * once and leave an empty minute to the next request. A lasting overload keeps about such a backlog waiting, because
 * requests that cannot start in time are refused on arrival.
 */
public final class SlidingWindow {

    /** A delay that does not end by itself: only the end of a slot can change it. */
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

    /** Sent requests stay counted: a lower limit applies at once to past and future requests. */
    void change(BudgetRule newRule, long now) {
        pace = pace.changed(rule, newRule, now);
        rule = newRule;
    }

    /** Nothing may be granted before this time, whatever the rules allow. */
    void pause(long until) {
        pausedUntil = until;
    }

    /** The sent requests that still count. */
    public int sent(long now) {
        return log.count(now);
    }

    /** The requests that count, unsent slots included; above the limit after a bypass, or when the limit was lowered. */
    public int used(long now) {
        return log.count(now) + unsent;
    }

    public int left(long now) {
        return Math.max(0, rule.limit() - used(now));
    }

    /** How many requests could be sent at once now: 0 to the burst capacity. */
    public double tokens(long now) {
        double level = pausedUntil - now > 0 ? 0 : Math.min(left(now), pace.burstLevel(rule, now));
        return rule.paced() && pace.distanceDelay(rule.even(), now) > 0 ? 0 : level;
    }

    /** A request of high or normal class begins to wait, and no other one waits. */
    public void busy(long now) {
        pace = pace.busy(left(now));
    }

    /** The time since the latest possible arrival of each sent request that counts, in any order; negative if it may still arrive. */
    List<Duration> ages(long now) {
        return log.ages(now);
    }

    /** Counts requests of another process. Nothing may go sooner than that process could have sent it. */
    void restore(List<Duration> oldestFirst, BudgetState.Pace before, long now) {
        log.restore(oldestFirst, now);
        // None of them was granted after its arrival; those that no longer count were granted a whole period ago.
        long sinceLatest = oldestFirst.isEmpty()
                ? BudgetRule.PERIOD
                : Math.clamp(oldestFirst.getLast().toNanos(), 0, BudgetRule.PERIOD);
        pace = PacingState.unknown(rule, log.count(now), now - sinceLatest,
                before, now);
    }

    /** Counts this many as sent at this time by another process. */
    void fill(int count, long at) {
        log.take(count, at);
        pace = PacingState.unknown(rule, count, at, pace.pace(at), at);
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
     * The time until a request may be granted if nothing changes; at most 0 if it may be granted now.
     *
     * @param waiting the number of waiting requests in its class and above, itself included
     * @param spread whether what is left is spread until more comes back (rule 5)
     */
    public long delay(boolean low, int waiting, boolean spread, long now) {
        return Math.max(Math.max(pauseDelay(now), ceilingDelay(now)),
                pace.delay(rule, low, waiting, left(now), log.expiry(0, now), spread, now));
    }

    /**
     * The earliest start of a newcomer. It assumes that all before it are served as fast as the rules can allow, and
     * that every unsent slot is given back unused. This lower bound in O(1) serves to refuse hopeless requests.
     *
     * @param by the rule to use: the one in force, or one that may come back into force
     * @param place its number among all requests served until then, itself included, from 1
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

    /** The same from the end of a pause, as if all earlier requests had expired by then. */
    private long startAfterPause(BudgetRule by, int place, int paced, long distance) {
        long planned = Math.max(((long) place - unsent - by.burst()) * by.interval(), (paced - 1L) * distance);
        return Math.max((place - 1) / by.limit() * BudgetRule.PERIOD, planned - by.tolerance());
    }

    /** The current state, to play the rules forward. */
    public PacingState pace() {
        return pace;
    }

    public long pausedUntil() {
        return pausedUntil;
    }

    /**
     * When the n-th of the used slots (0 is the oldest) stops counting at the latest, if every open slot is sent now.
     *
     * @param counted how many of them have been {@link #sent}
     */
    public long latestExpiry(int position, int counted, long now) {
        long expiry = position < counted ? log.expiry(position, now) : now + BudgetRule.SPAN;
        // A request that has not arrived may arrive until the guard has passed.
        return expiry - now < BudgetRule.PERIOD || expiry - now > BudgetRule.SPAN ? expiry : now + BudgetRule.SPAN;
    }

    /**
     * Hands out a slot.
     *
     * @param late for how long a request was ready and allowed to go, at least 0; the plan of the next grant tolerates
     *        a little lateness
     * @return the previous pace, to be passed to {@link #giveBack}
     */
    PacingState grant(boolean low, long late, long now) {
        PacingState before = pace;
        pace = pace.granted(rule, low, late, now);
        unsent++;
        return before;
    }

    /** Hands out a slot beside the rules: it counts, but neither keeps nor causes a distance. */
    PacingState bypass() {
        unsent++;
        return pace;
    }

    /** The request granted after this pace has been written, which took {@code writing} nanoseconds. */
    SlidingWindowLog.Sent sent(PacingState before, long writing, long now) {
        unsent--;
        pace = pace.handedOver(before.grants() + 1);
        return log.sent(writing, now);
    }

    /** The response to a sent request begins. */
    void answered(SlidingWindowLog.Sent sent, long now) {
        log.answered(sent, now);
    }

    /** The slot granted after this pace was not used. */
    void giveBack(PacingState before, boolean low) {
        unsent--;
        pace = pace.givenBack(rule, before, low);
    }

    /** A bypassed request has been written, which took {@code writing} nanoseconds. */
    SlidingWindowLog.Sent bypassSent(long writing, long now) {
        unsent--;
        return log.sent(writing, now);
    }

    /** The provider refused a bypassed request. */
    void bypassRefused(SlidingWindowLog.Sent sent, long now) {
        log.forget(sent, now);
    }

    /** A bypassed slot was not used. */
    void bypassGivenBack() {
        unsent--;
    }

    /** Counts one request more, which another replica may have sent, for so long. */
    void charge(long rest, long now) {
        log.charge(rest, now);
    }

    /** For each sent request that counts, how long it counts on at most; in order. */
    List<Long> rests(long now) {
        return log.rests(now);
    }

    /** Takes this many beside the queue and counts them as sent at this time, which may be in the future. */
    void take(int count, long at) {
        log.take(count, at);
        pace = pace.taken(rule, count, at);
    }

    /**
     * The latest time at which ceiling and burst capacity allow this place, itself included: each place comes back
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

    /** The time until one more is within the limit. */
    private long ceilingDelay(long now) {
        int expiring = used(now) + 1 - rule.limit();
        if (expiring <= 0) {
            return LONG_POSSIBLE;
        }
        return expiring > log.count(now) ? NEVER : log.expiry(expiring - 1, now) - now;
    }

    /**
     * The ceiling's part of {@link #startDelay}: N places a window; each is free when its predecessor in the previous
     * window expires.
     */
    private long ceilingStart(BudgetRule by, int place, long now) {
        int windows = (place - 1) / by.limit();
        int expiring = (place - 1) % by.limit() + 1 - (by.limit() - log.count(now));
        long first = expiring <= 0 ? 0 : log.expiry(expiring - 1, now) - now;
        return Math.max(0, windows * BudgetRule.PERIOD + first);
    }

    /** The n-th of evenly paced grants, if the latest one was planned {@code sinceLast} (at most 0) from now. */
    private long start(BudgetRule by, long sinceLast, long distance, int place) {
        long next = Math.max(sinceLast + distance, -by.tolerance());
        return next + ((long) place - 1 - unsent) * distance;
    }
}
