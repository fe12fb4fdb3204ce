package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.BudgetRule;
import dev.sidecar.throttle.budget.PacingState;
import dev.sidecar.throttle.budget.SlidingWindow;
import java.util.Arrays;

/**
 * The window of one account, with played grants on top: part of a {@link Projection}. It assumes that every open slot is
 * used, and that each request takes the longest permitted time to arrive. Each step is O(1) (amortised). Not
 * thread-safe; for one use. All times in nanoseconds.
 */
final class PlayedWindow {

    private final SlidingWindow window;
    private final BudgetRule rule;
    private final long now;
    /** The requests sent before the projection, and the slots handed out before it; the played grants follow them. */
    private final int counted;
    private final int used;
    /** How many of the used slots no longer count. */
    private int back;
    private long[] sent = new long[16];
    private int sends;
    private PacingState pace;

    PlayedWindow(SlidingWindow window, long now) {
        this.window = window;
        this.rule = window.rule();
        this.now = now;
        this.counted = window.sent(now);
        this.used = window.used(now);
        this.pace = window.pace();
    }

    BudgetRule rule() {
        return rule;
    }

    /** How many more its ceiling allows then. */
    int left(long at) {
        expire(at);
        return Math.max(0, rule.limit() - (used + sends - back));
    }

    /**
     * Until it may pay for a request of a class, from then.
     *
     * @param waiting the waiting requests of the class and above that are its part
     */
    long delay(boolean low, int waiting, boolean spread, long at) {
        long blocked = Math.max(window.pausedUntil() - at, ceilingDelay(at));
        long oldest = back < used + sends ? expiry(back) : at + BudgetRule.PERIOD;
        return Math.max(blocked, pace.delay(rule, low, waiting, left(at), oldest, spread, at));
    }

    void grant(boolean low, long at) {
        pace = pace.granted(rule, low, 0, at);
        pace = pace.handedOver(pace.grants());
        if (sends == sent.length) {
            sent = Arrays.copyOf(sent, 2 * sends);
        }
        sent[sends++] = at;
    }

    /** The latest time at which ceiling and burst capacity allow so many more than were played. */
    long latestStart(int more) {
        return window.latestStart(sends + more, now);
    }

    /** Until the ceiling allows one more. */
    private long ceilingDelay(long at) {
        expire(at);
        int expiring = used + sends - back + 1 - rule.limit();
        return expiring <= 0 ? 0 : expiry(back + expiring - 1) - at;
    }

    private void expire(long at) {
        while (back < used + sends && expiry(back) - at <= 0) {
            back++;
        }
    }

    private long expiry(int position) {
        return position < used ? window.latestExpiry(position, counted, now) : sent[position - used] + BudgetRule.SPAN;
    }
}
