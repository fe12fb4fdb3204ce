package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.BudgetRule;
import dev.sidecar.throttle.budget.PacingState;
import dev.sidecar.throttle.budget.SlidingWindow;
import java.util.Arrays;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Plays the rules forward to find the start of each waiting request. It assumes that no other request comes, that every
 * open slot is used, and that each request takes the longest permitted time to arrive. Reads window and floors and
 * changes neither. Each step is O(1) (amortised). Not thread-safe; for one use. All times in nanoseconds.
 */
final class Projection {

    /** This many grants are played one by one, which bounds the time for a queue of any length. */
    private static final int NEAR = 256;

    private static final Priority[] CLASSES = Priority.values();

    /** Whether what is left of the budget is spread until more comes back (rule 5 of {@link SlidingWindow}). */
    enum Spread {
        /** Every request goes as soon as it can. */
        NONE,
        /** As the rule says for the requests that wait now. */
        AS_WAITING,
        /** As the rule says if others keep coming: a later request must not delay an earlier one. */
        ALWAYS
    }

    private final SlidingWindow window;
    private final BudgetRule rule;
    private final ClassFloors floors;
    private final Spread spread;
    private final long now;
    private final int[] waiting;
    /** The requests that back off, the next one first; they join the others when they are due. */
    private final Iterator<? extends Ticket<?>> backingOff;
    private @Nullable Ticket<?> nextDue;
    private final long[] delays = new long[CLASSES.length];
    /** The requests sent before the projection, and the slots handed out before it; the played grants follow them. */
    private final int counted;
    private final int used;
    /** How many of the used slots no longer count. */
    private int back;
    private long[] sent = new long[16];
    private int sends;
    private PacingState pace;
    private long at;

    /**
     * @param waiting the number of waiting requests of each class
     * @param backingOff the requests that join them later, in the order of their due times
     */
    Projection(SlidingWindow window, ClassFloors floors, int[] waiting, Iterator<? extends Ticket<?>> backingOff,
            Spread spread,
            long now) {
        this.window = window;
        this.rule = window.rule();
        this.floors = floors.copy();
        this.waiting = waiting.clone();
        this.backingOff = backingOff;
        this.nextDue = backingOff.hasNext() ? backingOff.next() : null;
        this.spread = spread;
        this.now = now;
        this.counted = window.sent(now);
        this.used = window.used(now);
        this.pace = window.pace();
        this.at = now;
    }

    /** When the previous grant was made, from now. */
    long start() {
        return at - now;
    }

    /** Whether the next grant is still to be played. */
    boolean isNear() {
        return sends < NEAR;
    }

    /** How many requests of a class are left. */
    int left(Priority priority) {
        return waiting[priority.rank()];
    }

    /**
     * After the played grants: when the request of a class starts that has this many of its class behind it, from now.
     * The rest follows evenly, but never before the ceiling and the burst capacity allow it.
     */
    long farStart(Priority priority, int behind) {
        int before = -behind;
        int below = 0;
        for (Priority each : CLASSES) {
            if (each.compareTo(priority) <= 0) {
                before += waiting[each.rank()];
            } else {
                below += waiting[each.rank()];
            }
        }
        int rest = before + Math.min(below, floors.mostBelow(before));
        long last = start() + rest * distance();
        if (priority.isLow()) {
            last = Math.max(last, start() + (left(Priority.LOW) - behind) * rule.interval());
        }
        return Math.max(last, window.latestStart(sends + rest, now));
    }

    private long distance() {
        return rule.paced() ? rule.even() : spread == Spread.NONE ? rule.gap() : BudgetRule.SPAN / rule.limit();
    }

    /** The class of the next grant; {@link #start} then gives its time. Null if no request is left. */
    @Nullable
    Priority next() {
        while (true) {
            join();
            long wait = untilNext(Math.max(window.pausedUntil() - at, ceilingDelay()));
            if (wait <= 0) {
                return grant();
            }
            Ticket<?> due = nextDue;
            long untilDue = due == null ? SlidingWindow.NEVER : due.dueNanos() - at;
            if (Math.min(wait, untilDue) == SlidingWindow.NEVER) {
                return null;
            }
            at += Math.min(wait, untilDue);
        }
    }

    private void join() {
        for (Ticket<?> due = nextDue; due != null && due.dueNanos() - at <= 0; due = nextDue) {
            waiting[due.priority().rank()]++;
            nextDue = backingOff.hasNext() ? backingOff.next() : null;
        }
    }

    private long untilNext(long blocked) {
        int left = Math.max(0, rule.limit() - (used + sends - back));
        long oldest = back < used + sends ? expiry(back) : at + BudgetRule.PERIOD;
        int atOrAbove = 0;
        long wait = SlidingWindow.NEVER;
        for (Priority each : CLASSES) {
            atOrAbove += waiting[each.rank()];
            if (waiting[each.rank()] > 0) {
                int crowd = spread == Spread.ALWAYS ? Integer.MAX_VALUE : atOrAbove;
                long delay = Math.max(blocked,
                        pace.delay(rule, each.isLow(), crowd, left, oldest, spread != Spread.NONE, at));
                delays[each.rank()] = delay;
                wait = Math.min(wait, delay);
            }
        }
        return wait;
    }

    private Priority grant() {
        Priority chosen = floors.choose(each -> waiting[each.rank()] > 0, each -> delays[each.rank()] <= 0);
        if (chosen == null) {
            throw new IllegalStateException("nobody may go");
        }
        floors.served(chosen, each -> waiting[each.rank()] > 0);
        waiting[chosen.rank()]--;
        if (waiting[chosen.rank()] == 0) {
            floors.emptied(chosen);
        }
        pace = pace.granted(rule, chosen.isLow(), 0, at);
        pace = pace.handedOver(pace.grants());
        if (sends == sent.length) {
            sent = Arrays.copyOf(sent, 2 * sends);
        }
        sent[sends++] = at;
        return chosen;
    }

    /** Until the ceiling allows one more. */
    private long ceilingDelay() {
        while (back < used + sends && expiry(back) - at <= 0) {
            back++;
        }
        int expiring = used + sends - back + 1 - rule.limit();
        return expiring <= 0 ? 0 : expiry(back + expiring - 1) - at;
    }

    private long expiry(int position) {
        return position < used ? window.latestExpiry(position, counted, now) : sent[position - used] + BudgetRule.SPAN;
    }
}
