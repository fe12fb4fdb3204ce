package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.BudgetRule;
import dev.sidecar.throttle.budget.SlidingWindow;
import dev.sidecar.throttle.pool.Pool;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Plays the rules forward to find the start of each waiting request. It assumes that no other request comes, that every
 * open slot is used, and that each request takes the longest permitted time to arrive. Reads the accounts and the floors and
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

    private final List<PlayedWindow> windows;
    private final ClassFloors floors;
    private final Spread spread;
    private final long now;
    private final int[] waiting;
    /** The requests that back off, the next one first; they join the others when they are due. */
    private final Iterator<? extends Place<?>> backingOff;
    private @Nullable Place<?> nextDue;
    private final long[] delays = new long[CLASSES.length];
    private int grants;
    private long at;

    /**
     * @param pool its accounts pay for the played grants
     * @param waiting the number of waiting requests of each class
     * @param backingOff the requests that join them later, in the order of their due times
     */
    Projection(Pool pool, ClassFloors floors, int[] waiting, Iterator<? extends Place<?>> backingOff, Spread spread,
            long now) {
        this.windows = pool.inUse().stream().map(each -> new PlayedWindow(each.budget().window(), now)).toList();
        this.floors = floors.copy();
        this.waiting = waiting.clone();
        this.backingOff = backingOff;
        this.nextDue = backingOff.hasNext() ? backingOff.next() : null;
        this.spread = spread;
        this.now = now;
        this.at = now;
    }

    /** When the previous grant was made, from now. */
    long start() {
        return at - now;
    }

    /** Whether the next grant is still to be played. */
    boolean isNear() {
        return grants < NEAR;
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
        long last = 0;
        for (PlayedWindow each : windows) {
            last = Math.max(last, farStart(each, priority, rest, behind));
        }
        return last;
    }

    private long farStart(PlayedWindow window, Priority priority, int rest, int behind) {
        BudgetRule rule = window.rule();
        int part = Pool.part(rest, rule.limit(), windows.stream().mapToInt(each -> each.rule().limit()).sum());
        long last = start() + part * distance(rule);
        if (priority.isLow()) {
            last = Math.max(last, start() + (left(Priority.LOW) - behind) * rule.interval());
        }
        return Math.max(last, window.latestStart(part));
    }

    private long distance(BudgetRule rule) {
        return rule.paced() ? rule.even() : spread == Spread.NONE ? rule.gap() : BudgetRule.SPAN / rule.limit();
    }

    /** The class of the next grant; {@link #start} then gives its time. Null if no request is left. */
    @Nullable
    Priority next() {
        while (true) {
            join();
            long wait = untilNext();
            if (wait <= 0) {
                return grant();
            }
            Place<?> due = nextDue;
            long untilDue = due == null ? SlidingWindow.NEVER : due.dueNanos() - at;
            if (Math.min(wait, untilDue) == SlidingWindow.NEVER) {
                return null;
            }
            at += Math.min(wait, untilDue);
        }
    }

    private void join() {
        for (Place<?> due = nextDue; due != null && due.dueNanos() - at <= 0; due = nextDue) {
            waiting[due.priority().rank()]++;
            nextDue = backingOff.hasNext() ? backingOff.next() : null;
        }
    }

    private long untilNext() {
        int atOrAbove = 0;
        long wait = SlidingWindow.NEVER;
        int left = left();
        for (Priority each : CLASSES) {
            atOrAbove += waiting[each.rank()];
            if (waiting[each.rank()] > 0) {
                long delay = SlidingWindow.NEVER;
                for (PlayedWindow window : windows) {
                    delay = Math.min(delay, delay(window, each, atOrAbove, left));
                }
                delays[each.rank()] = delay;
                wait = Math.min(wait, delay);
            }
        }
        return wait;
    }

    private int left() {
        int left = 0;
        for (PlayedWindow each : windows) {
            left += each.left(at);
        }
        return left;
    }

    private long delay(PlayedWindow window, Priority priority, int atOrAbove, int left) {
        int crowd = spread == Spread.ALWAYS ? Integer.MAX_VALUE : Pool.part(atOrAbove, window.left(at), left);
        return window.delay(priority.isLow(), crowd, spread != Spread.NONE, at);
    }

    private Priority grant() {
        Priority chosen = floors.choose(each -> waiting[each.rank()] > 0, each -> delays[each.rank()] <= 0);
        if (chosen == null) {
            throw new IllegalStateException("nobody may go");
        }
        payer(chosen).grant(chosen.isLow(), at);
        floors.served(chosen, each -> waiting[each.rank()] > 0);
        waiting[chosen.rank()]--;
        if (waiting[chosen.rank()] == 0) {
            floors.emptied(chosen);
        }
        grants++;
        return chosen;
    }

    /** The account with the most left of those that may pay. */
    private PlayedWindow payer(Priority priority) {
        if (windows.size() == 1) {
            return windows.getFirst();
        }
        int atOrAbove = 0;
        for (Priority each : CLASSES) {
            atOrAbove += each.compareTo(priority) <= 0 ? waiting[each.rank()] : 0;
        }
        int crowd = atOrAbove;
        int left = left();
        return windows.stream().filter(each -> delay(each, priority, crowd, left) <= 0)
                .max(Comparator.comparingInt(each -> each.left(at))).orElseThrow();
    }
}
