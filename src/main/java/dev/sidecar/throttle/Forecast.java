package dev.sidecar.throttle;

import org.jspecify.annotations.Nullable;

/**
 * When a newcomer could and when it probably will be sent: what the line, the floors and the budget say together. Reads
 * them and changes nothing; not thread-safe. All times in nanoseconds from now.
 *
 * <p>
 * Two answers, for two purposes. The <i>earliest</i> start is a bound that nothing can beat, so that only what is
 * hopeless is refused for it. The <i>expected</i> start is what clients are told: it assumes that everybody before goes
 * first, that every slot that is out is used, and that others keep coming, so that a backlog drains evenly.
 */
final class Forecast<T> {

    private static final int LOOKS = 64;

    private final WaitingLine<T> line;
    private final Floors floors;
    private final RequestBudget budget;
    private final ModelGovernor governor;

    Forecast(WaitingLine<T> line, Floors floors, RequestBudget budget, ModelGovernor governor) {
        this.line = line;
        this.floors = floors;
        this.budget = budget;
        this.governor = governor;
    }

    /** The earliest start of a newcomer: those who contend in its class and above go first. */
    long earliest(Priority priority, long now) {
        return earliest(priority, line.contending(priority) + 1, line.contendingAtOrAbove(priority) + 1, now);
    }

    /** The earliest start at the head of a class: only those who contend in the classes above go first. */
    long earliestAtHead(Priority priority, long now) {
        return earliest(priority, 1, line.contendingAtOrAbove(priority) - line.contending(priority) + 1, now);
    }

    /** Whether a newcomer would be granted at once: it may go, and nobody contends before it. */
    boolean goesNow(Priority priority, @Nullable String model, long now) {
        return !governor.isFull(model) && line.contendingAtOrAbove(priority) == 0
                && budget.window().delay(priority, 1, now) <= 0;
    }

    /** The number of a newcomer among all who wait in its class and above, those held back included; 1 if it goes now. */
    int position(Priority priority, @Nullable String model, long now) {
        return goesNow(priority, model, now) ? 1 : line.waitingAtOrAbove(priority) + 1;
    }

    /** The number of one that takes its place at the head of its class. */
    int positionAtHead(Priority priority) {
        return line.waitingAtOrAbove(priority) - line.waiting(priority) + 1;
    }

    /** The expected start of a newcomer; 0 if it goes now. When a full model frees is known only of a cool-down. */
    long expected(Priority priority, @Nullable String model, long now) {
        if (goesNow(priority, model, now)) {
            return 0;
        }
        long least = Math.max(earliest(priority, now), governor.cooling(model, now));
        return Math.max(least,
                expected(priority, line.waiting(priority) + 1, line.waitingAtOrAbove(priority) + 1, now));
    }

    /**
     * The expected start of one who is ready and waits.
     *
     * @param nth its number among those of its class, from 1
     * @param place its number among all who are served until then
     */
    long expectedAt(Priority priority, int nth, int place, long now) {
        return Math.max(0, expectedAtPlace(priority, nth, place, place, now));
    }

    /** The expected start at the head of a class, not before the end of the back-off. */
    long expectedAtHead(Ticket<T> ticket, long now) {
        Priority priority = ticket.priority();
        long least = Math.max(ticket.dueNanos() - now, governor.cooling(ticket.model(), now));
        return Math.max(Math.max(least, earliestAtHead(priority, now)),
                expected(priority, 1, positionAtHead(priority), now));
    }

    private long earliest(Priority priority, int nth, int behindAll, long now) {
        return budget.window().startDelay(place(priority, nth, behindAll), priority == Priority.LOW ? nth : 0, now);
    }

    /**
     * The latest of three: what the rules allow at best if every unsent slot is used; the next grant as the rules put it,
     * and from there what is left spread out, the rest evenly; and what comes back late, and from there evenly.
     */
    private long expected(Priority priority, int nth, int behindAll, long now) {
        return expectedAtPlace(priority, nth, place(priority, nth, behindAll), behindAll, now);
    }

    private long expectedAtPlace(Priority priority, int nth, int place, int behindAll, long now) {
        SendWindow window = budget.window();
        BudgetRule rule = window.rule();
        int out = window.unsent();
        boolean low = priority == Priority.LOW;
        long best = window.startDelay(place + out, low ? nth + out : 0, now);
        long next = window.delay(priority, behindAll, now);
        if (rule.paced() || next == SendWindow.NEVER) {
            return best;
        }
        int left = window.left(now);
        int atOnce = atOnce(place - (low ? nth : 1), place, low, now);
        int spread = Math.min(place - 1 - atOnce, Math.max(0, left - atOnce - 1));
        long drained = Math.max(0, next) + atOnce * rule.gap() + spread * spread(left, out, now)
                + (place - 1L - atOnce - spread) * rule.interval();
        return Math.max(Math.max(best, drained), lateReturns(Math.max(left, atOnce) + 1, place, out, now));
    }

    /** The distance at which what is left is spread until more comes back. */
    private long spread(int left, int out, long now) {
        SendWindow window = budget.window();
        long untilMore = window.returnDelay(left + 1 + out, now);
        long sinceLast = Math.min(BudgetRule.SPAN, now - window.grantedAt());
        return window.spread(left, untilMore + sinceLast);
    }

    /**
     * Where much was sent together, much comes back together, and is used one by one from then on. Looks at some of the
     * places only, so that the time it takes has a bound, and at the same ones for everybody, or one who stands behind
     * another might be told an earlier time. After one window the places repeat themselves.
     */
    private long lateReturns(int first, int place, int out, long now) {
        int limit = budget.window().rule().limit();
        long latest = place < first ? 0 : lateReturn(place, place, out, now);
        for (int each = first; each <= Math.min(place, first + limit - 1); each += 1 + limit / LOOKS) {
            latest = Math.max(latest, lateReturn(each, place, out, now));
        }
        return latest;
    }

    private long lateReturn(int each, int place, int out, long now) {
        SendWindow window = budget.window();
        return window.startDelay(each + out, 0, now) + (long) (place - each) * window.rule().interval();
    }

    /** How many of those before it (at most {@code most}) go at once instead of one an interval. */
    private int atOnce(int most, int place, boolean low, long now) {
        SendWindow window = budget.window();
        int left = window.left(now);
        if (most <= 0) {
            return 0;
        }
        return !low && 2L * place - 1 <= left ? most : (int) Math.min(most, Math.min(left, window.allowance()));
    }

    /** Behind everybody of its class and above, or earlier where the floor of its class serves it for being due. */
    private int place(Priority priority, int nth, int behindAll) {
        return (int) Math.min(behindAll, floors.slotsUntilDue(priority, nth));
    }
}
