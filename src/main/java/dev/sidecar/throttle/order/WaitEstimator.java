package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.BudgetRule;
import dev.sidecar.throttle.budget.SlidingWindow;
import dev.sidecar.throttle.order.Projection.Spread;
import dev.sidecar.throttle.pool.ModelConcurrency;
import dev.sidecar.throttle.pool.Pool;
import java.util.Collections;
import org.jspecify.annotations.Nullable;

/**
 * When a newcomer could be sent and when it will be: the combined result of queue, floors and budget. Reads them and
 * changes nothing. Not thread-safe. All times in nanoseconds from now.
 *
 * <p>
 * Three estimates serve three purposes. No start can beat the <i>earliest</i>, a bound in O(1). The rules keep to the
 * <i>certain</i> start if no more urgent request comes: a request is admitted only with a certain start within its
 * deadline. Clients are told the <i>expected</i> start: what is left is spread as long as no deadline forbids it.
 */
final class WaitEstimator<T> {

    /** Where spreading would delay a request nearly to its deadline, it is sent this much before the deadline. */
    static final long MARGIN = 1_000_000_000L;

    private final WaitQueue<T> queue;
    private final ClassFloors floors;
    private final Pool pool;
    private final ModelConcurrency models;
    private final boolean behindPutOff;

    /** The estimates for requests that every account may pay for. Those that are put off do not go before them. */
    WaitEstimator(WaitQueue<T> queue, ClassFloors floors, Pool pool, ModelConcurrency models) {
        this(queue, floors, pool, models, false);
    }

    /** @param behindPutOff whether those that are put off go before */
    WaitEstimator(WaitQueue<T> queue, ClassFloors floors, Pool pool, ModelConcurrency models, boolean behindPutOff) {
        this.behindPutOff = behindPutOff;
        this.queue = queue;
        this.floors = floors;
        this.pool = pool;
        this.models = models;
    }

    /**
     * The earliest start of a newcomer: the contending requests of classes above and those whose turn is before its own
     * go first.
     *
     * @param nth its {@linkplain WaitQueue#placeOf place}
     */
    long earliest(Priority priority, int nth, long now) {
        int own = 1 + queue.part(Math.min(nth - 1, contending(priority)));
        int above = queue.part(contendingAtOrAbove(priority) - contending(priority));
        return pool.startDelay(place(priority, own, above + own), priority.isLow() ? own : 0, now);
    }

    /**
     * The earliest start by the operator's limits, which may come back into force.
     *
     * @param nth its number among the contending requests of its class, from 1
     * @param behindAll its number among all contending requests of its class and above
     */
    long earliestByBase(Priority priority, int nth, int behindAll, long now) {
        return pool.baseStartDelay(place(priority, nth, behindAll), priority.isLow() ? nth : 0, now);
    }

    private int contending(Priority priority) {
        return behindPutOff ? queue.contending(priority) : queue.inTurn(priority);
    }

    private int contendingAtOrAbove(Priority priority) {
        return behindPutOff ? queue.contendingAtOrAbove(priority) : queue.inTurnAtOrAbove(priority);
    }

    /** Behind all of its class and above, or earlier where its class is due by its floor. */
    private int place(Priority priority, int nth, int behindAll) {
        return (int) Math.min(behindAll, floors.slotsUntilDue(priority, nth));
    }

    /** Whether a newcomer would be granted at once: it may go, and no request contends before it. */
    boolean goesNow(Priority priority, @Nullable String model, ClientPolicy client, long now) {
        return !models.isFull(model) && !queue.isHeldBack(client.name()) && contendingAtOrAbove(priority) == 0
                && pool.delay(priority.isLow(), 1, true, now) <= 0;
    }

    /** The number of a newcomer among all waiting requests of its class and above, held-back ones included. */
    int position(Priority priority, int nth) {
        return queue.waitingAtOrAbove(priority) + 1 - behind(priority, nth);
    }

    /** The number of a request that takes its place at the head of its client. */
    int positionAtHead(Place<T> place) {
        return queue.waitingAtOrAbove(place.priority()) - queue.waiting(place.priority())
                + queue.placeAtHeadOf(place);
    }

    /** How many contending requests of its class have their turn after a newcomer. */
    private int behind(Priority priority, int nth) {
        return Math.max(0, contending(priority) + 1 - nth);
    }

    /** The certain start of a newcomer, if no more urgent request comes. */
    long certain(Priority priority, int nth, Spread spread, long now) {
        int behind = queue.part(behind(priority, nth));
        Projection projection = withOneMore(priority, spread, now);
        while (projection.left(priority) > behind) {
            if (!projection.isNear()) {
                return projection.farStart(priority, behind);
            }
            if (projection.next() == null) {
                return SlidingWindow.NEVER;
            }
        }
        return projection.start();
    }

    /** The same for a request that takes its place at the head of its client. */
    long certainAtHead(Place<T> place, Spread spread, long now) {
        int before = queue.part(queue.placeAtHeadOf(place) - 1);
        Projection projection = withOneMore(place.priority(), spread, now);
        Priority next = projection.next();
        while (next != null && (next != place.priority() || before-- > 0) && projection.isNear()) {
            next = projection.next();
        }
        return next == null ? SlidingWindow.NEVER : projection.start();
    }

    /**
     * The expected start of a newcomer that does not go now. For a full model only its cool-down is known.
     *
     * @param certain the certain start, whatever is spread
     * @param patience until its deadline; it is sent {@link #MARGIN} before that, if not earlier
     */
    long expected(Priority priority, @Nullable String model, int nth, long certain, long patience, long now) {
        return Math.max(models.cooling(model, now),
                expected(certain(priority, nth, Spread.ALWAYS, now), certain, patience));
    }

    /** The expected start at the head of a client, not before the end of the back-off. */
    long expectedAtHead(Place<T> place, long now) {
        long least = Math.max(place.dueNanos() - now, models.cooling(place.model(), now));
        return Math.max(least, expected(certainAtHead(place, Spread.ALWAYS, now),
                certainAtHead(place, Spread.NONE, now), place.deadlineNanos() - now));
    }

    private static long expected(long spread, long certain, long patience) {
        // A little more than was played: slots come back when requests arrive, and their time on the way varies.
        return Math.max(certain, Math.min(patience - MARGIN, spread + spread / 10));
    }

    /** The time until the budget allows a grant to a ready request of this class. */
    long delay(Priority priority, boolean spread, long now) {
        return pool.delay(priority.isLow(), queue.inTurnAtOrAbove(priority), spread, now);
    }

    /** The order and the times of the waiting requests, as if their back-offs had ended. */
    Projection play(Spread spread, long now) {
        return new Projection(pool, floors, queue.playing(), Collections.emptyIterator(), spread, now);
    }

    private Projection withOneMore(Priority priority, Spread spread, long now) {
        int[] waiting = new int[Priority.values().length];
        for (Priority each : Priority.values()) {
            waiting[each.rank()] = queue.part(contending(each));
        }
        waiting[priority.rank()]++;
        return new Projection(pool, floors, waiting, queue.byDue(), spread, now);
    }
}
