package dev.sidecar.throttle;

/**
 * The budget: when the next request may be sent. Not thread-safe, no clock: the time is passed in, in nanoseconds.
 *
 * <h2>The rules</h2>
 * Let <i>N</i> be the limit, <i>B</i> the burst capacity, <i>W</i> = 61 s the span, and <i>interval</i> = <i>W / N</i>.
 * <i>Used</i> is what was sent in the trailing <i>W</i>, plus slots handed out and not yet sent; <i>left</i> is
 * <i>N</i> − <i>used</i>, at least 0. A grant must satisfy all of these:
 * <ol>
 * <li><b>Ceiling.</b> <i>left</i> ≥ 1. A slot is stamped when it is sent, so no <i>W</i> holds more than <i>N</i>
 * sends, whatever else happens. (What bypasses the line is counted, but not stopped.)
 * <li><b>Burst.</b> Never more than <i>B</i> at once: a credit of <i>B</i>, one a grant, one back every interval (GCRA).
 * With <i>B</i> = <i>N</i> this asks nothing beyond the ceiling.
 * <li><b>Gap and order.</b> A small gap after the grant before; and that one has been marked as sent, or had a moment
 * for it, because otherwise two threads could overtake each other between grant and write.
 * <li><b>Spread</b> (window pacing). A <i>busy period</i> lasts from the first high or normal request that waits until
 * none does. At its start, what is left is its <i>allowance</i>: that many go at once. After that a request goes at once
 * if, with everybody of its class or above, it takes no more than half of what is left (2 · waiting − 1 ≤ left: a lone
 * request always goes at once). Otherwise it keeps a distance of
 * max(<i>W</i> / (<i>N</i> + <i>left</i>), (oldest expiry − last grant) / (<i>left</i> + 1)) from the grant before: what is left
 * lasts until more comes back, so that no class meets an empty minute, and nothing that is left stays unused for long.
 * <li><b>Low</b> (window pacing). A low request keeps one interval from the low grant before, and has no allowance:
 * it is never part of a burst, and what its floor owes it comes after.
 * <li><b>Even</b> (paced). Every grant keeps 60 s / (0.975 · <i>N</i>) from the one before, in place of 4 and 5.
 * </ol>
 * Why half, and not all, of what is left (rule 4): a backlog that just fits the fresh window would go at once and leave an
 * empty minute to whoever comes next. About as many as fit is what a lasting overload leaves waiting, because what cannot
 * start in time is refused on arrival.
 */
final class SendWindow {

    /** The delay of what no passage of time allows: only the end of a slot does. */
    static final long NEVER = Long.MAX_VALUE;

    private static final long LONG_POSSIBLE = Long.MIN_VALUE / 2;

    private final StampRing stamps = new StampRing();
    private BudgetRule rule;
    private Pace pace;
    /** Slots handed out and not yet sent. */
    private int unsent;

    SendWindow(BudgetRule rule, long now) {
        this.rule = rule;
        this.pace = Pace.idle(now);
    }

    BudgetRule rule() {
        return rule;
    }

    /** What was sent stays counted: a lower limit holds at once, for what is behind as for what comes. */
    void change(BudgetRule newRule, long now) {
        pace = pace.changed(rule, newRule, now);
        rule = newRule;
    }

    /** May be above the limit, after a bypass or when the limit was lowered. */
    int used(long now) {
        while (stamps.size() > 0 && now - stamps.get(0) >= BudgetRule.SPAN) {
            stamps.dropOldest();
        }
        return stamps.size() + unsent;
    }

    int left(long now) {
        return Math.max(0, rule.limit() - used(now));
    }

    /** How many could be sent at once now: 0 to the burst capacity. */
    double tokens(long now) {
        double level = Math.min(left(now), pace.burstLevel(rule, now));
        return rule.paced() && pace.distanceDelay(rule.even(), now) > 0 ? 0 : level;
    }

    /** Somebody of high or normal class begins to wait, and nobody else of them does. */
    void busy(long now) {
        pace = pace.busy(left(now));
    }

    /** Slots handed out and not yet sent. */
    int unsent() {
        return unsent;
    }

    /** How many high and normal ones may still go at once in this busy period. */
    long allowance() {
        return pace.allowance();
    }

    /** When the latest grant was made. */
    long grantedAt() {
        return pace.grantedAt();
    }

    /**
     * Until a request may be granted, if nothing changes; at most 0 if it may be granted now.
     *
     * @param waiting how many wait in its class and above, itself included
     */
    long delay(Priority priority, int waiting, long now) {
        long delay = Math.max(ceilingDelay(1, now), pace.sharedDelay(rule, now));
        if (rule.paced()) {
            return Math.max(delay, pace.distanceDelay(rule.even(), now));
        }
        boolean low = priority == Priority.LOW;
        if (low) {
            delay = Math.max(delay, pace.lowDelay(rule.interval(), now));
        }
        boolean atOnce = (!low && pace.allowance() > 0) || 2L * waiting - 1 <= left(now);
        return atOnce ? delay : Math.max(delay, pace.distanceDelay(spread(now), now));
    }

    /**
     * The earliest that a newcomer could be granted if everybody before it is served as fast as the rules can allow and
     * every slot that is still unsent comes back unused: a lower bound in O(1), for refusing what is hopeless.
     *
     * @param place its number among all that are served until then, itself included, from 1
     * @param lowPlace its number among the low ones of them, itself included, for a low request; otherwise 0
     */
    long startDelay(int place, int lowPlace, long now) {
        used(now);
        long delay = Math.max(0, ceilingStart(place, now));
        delay = Math.max(delay, pace.burstDelay(rule, (long) place - unsent, now));
        if (rule.paced()) {
            return Math.max(delay, start(pace.distanceDelay(0, now), rule.even(), place));
        }
        return lowPlace == 0
                ? delay
                : Math.max(delay, start(pace.lowDelay(0, now), rule.interval(), lowPlace));
    }

    /**
     * Hands out a slot.
     *
     * @param late for how long it was possible and somebody was there, at least 0: the plan of the next one forgives
     *        a little lateness
     * @return the pace before, which {@link #giveBack} wants back
     */
    Pace grant(Priority priority, long late, long now) {
        Pace before = pace;
        pace = pace.granted(rule, priority == Priority.LOW, late, now);
        unsent++;
        return before;
    }

    /** Hands out a slot beside the rules: it is counted, but keeps and causes no distance. */
    Pace bypass() {
        unsent++;
        return pace;
    }

    /** The slot whose grant came after this pace is about to be written. */
    void sent(Pace before, long now) {
        unsent--;
        stamps.append(now);
        pace = pace.handedOver(before.grants() + 1);
    }

    /** The slot whose grant came after this pace was not used. */
    void giveBack(Pace before, Priority priority) {
        unsent--;
        pace = pace.givenBack(rule, before, priority == Priority.LOW);
    }

    /** A bypassed slot is about to be written. */
    void bypassSent(long now) {
        unsent--;
        stamps.append(now);
    }

    /** A bypassed slot was not used. */
    void bypassGivenBack() {
        unsent--;
    }

    /** Until this many may be taken at once beside the line; {@link #NEVER} if there are never so many at once. */
    long takeDelay(int count, long now) {
        if (count > Math.min(rule.limit(), rule.burst()) || (rule.paced() && count > 1)) {
            return NEVER;
        }
        long delay = Math.max(ceilingDelay(count, now), pace.sharedDelay(rule, now));
        delay = Math.max(delay, pace.burstDelay(rule, count, now));
        return rule.paced() ? Math.max(delay, pace.distanceDelay(rule.even(), now)) : delay;
    }

    /** Takes this many beside the line and counts them as sent at this time, which may be in the future. */
    void take(int count, long at) {
        for (int i = 0; i < count; i++) {
            stamps.append(at);
        }
        pace = pace.taken(rule, count, at);
    }

    /** Until this many more are within the limit. */
    private long ceilingDelay(int count, long now) {
        int expiring = used(now) + count - rule.limit();
        if (expiring <= 0) {
            return LONG_POSSIBLE;
        }
        return expiring > stamps.size() ? NEVER : expiry(expiring - 1) - now;
    }

    /** The ceiling's part of {@link #startDelay}: N places a window, each free when the one N before it expires. */
    private long ceilingStart(int place, long now) {
        int windows = (place - 1) / rule.limit();
        int expiring = (place - 1) % rule.limit() + 1 - (rule.limit() - stamps.size());
        return windows * BudgetRule.SPAN + (expiring <= 0 ? 0 : expiry(expiring - 1) - now);
    }

    /** The n-th of evenly paced grants, the latest of which was planned {@code sinceLast} (at most 0) from now. */
    private long start(long sinceLast, long distance, int place) {
        long next = Math.max(sinceLast + distance, -rule.tolerance());
        return next + ((long) place - 1 - unsent) * distance;
    }

    private long spread(long now) {
        int left = left(now);
        long oldestExpiry = stamps.size() == 0 ? now + BudgetRule.SPAN : expiry(0);
        return Math.max(BudgetRule.SPAN / (rule.limit() + left), (oldestExpiry - pace.plannedAt()) / (left + 1));
    }

    private long expiry(int position) {
        return stamps.get(position) + BudgetRule.SPAN;
    }
}
