package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.BudgetRule;
import dev.sidecar.throttle.budget.SlidingWindow;
import dev.sidecar.throttle.order.Projection.Spread;
import dev.sidecar.throttle.pool.ModelConcurrency;
import dev.sidecar.throttle.pool.Pool;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * What the deadlines of the waiting requests demand: whether the budget may still be spread, and which requests can no
 * longer be served in time. Reads the queue and changes nothing. Not thread-safe.
 */
public final class Deadlines<T> {

    private static final Priority[] CLASSES = Priority.values();

    /**
     * A request must start at least this much earlier for the spreading to stop, in nanoseconds. A request that waits
     * for the ceiling gains nothing.
     */
    private static final long LEAST_GAIN = 1_000_000L;

    private final WaitQueue<T> queue;
    private final WaitEstimator<T> estimator;
    private final Pool pool;
    private final ModelConcurrency models;
    private final OwnLimits limits;

    Deadlines(WaitQueue<T> queue, WaitEstimator<T> estimator, Pool pool, ModelConcurrency models,
            OwnLimits limits) {
        this.queue = queue;
        this.estimator = estimator;
        this.pool = pool;
        this.models = models;
        this.limits = limits;
    }

    /** A waiting request and its start, in nanoseconds from now. */
    record Start<T>(Place<T> place, long nanos) {
    }

    /**
     * For each ready class, the time until one of its requests may go. What is left of the budget is spread, unless a
     * deadline forbids it.
     *
     * @param delays filled in at the ranks of ready classes; other elements stay unchanged
     * @return when to look again if no request may go now
     */
    long delays(long[] delays, long now) {
        long[] unspread = new long[delays.length];
        boolean goes = false;
        boolean held = false;
        boolean first = true;
        long wait = SlidingWindow.NEVER;
        for (Priority each : CLASSES) {
            if (queue.isReady(each)) {
                int i = each.rank();
                unspread[i] = estimator.delay(each, false, now);
                // A request that was told that it goes at once does so, unless a more urgent one has come.
                delays[i] = first && queue.first(each).atOnce ? unspread[i] : estimator.delay(each, true, now);
                first = false;
                goes |= delays[i] <= 0;
                held |= unspread[i] <= 0 && delays[i] > 0;
                wait = Math.min(wait, unspread[i] > 0 ? unspread[i] : delays[i]);
            }
        }
        if (!goes && held && forbidSpreading(now)) {
            System.arraycopy(unspread, 0, delays, 0, delays.length);
        }
        return wait;
    }

    /**
     * Whether spreading would send a request too late, or nearly so, while not spreading would send it in time. A sent
     * request may stop counting earlier than assumed, by the guard; that tolerance is accepted.
     */
    boolean forbidSpreading(long now) {
        if (pool.isPaced() || queue.size() == 0) {
            return false;
        }
        List<Start<T>> late = starts(Spread.AS_WAITING, now).stream()
                .filter(each -> each.nanos() + WaitEstimator.MARGIN > each.place().deadlineNanos() - now).toList();
        if (late.isEmpty()) {
            return false;
        }
        Map<Place<T>, Long> unspread = new HashMap<>();
        starts(Spread.NONE, now).forEach(each -> unspread.put(each.place(), each.nanos()));
        return late.stream().anyMatch(each -> {
            long earlier = unspread.getOrDefault(each.place(), each.nanos());
            return each.nanos() - earlier > LEAST_GAIN
                    && earlier - BudgetRule.GUARD <= each.place().deadlineNanos() - now;
        });
    }

    /** The starts of the near requests that wait for the budget alone, in the order of their turns. */
    private List<Start<T>> starts(Spread spread, long now) {
        List<Iterator<Place<T>>> queues = new ArrayList<>();
        for (Priority each : CLASSES) {
            queues.add(queue.everybody(each));
        }
        List<Start<T>> starts = new ArrayList<>();
        Projection projection = estimator.play(spread, now);
        for (Priority next = projection.next(); next != null && projection.isNear(); next = projection.next()) {
            Place<T> place = queues.get(next.rank()).next();
            while (queue.isHeld(place)) {
                place = queues.get(next.rank()).next();
            }
            starts.add(new Start<>(place, projection.start()));
        }
        return starts;
    }

    /**
     * The requests that miss their deadline even in the best case: the operator's own rate after the known pauses, no
     * more urgent newcomers, and every open slot given back unused.
     */
    List<Start<T>> hopeless(long now) {
        List<Start<T>> hopeless = new ArrayList<>();
        Place<T> nearest = queue.nearestDeadline();
        if (nearest == null || everybodyStartsWithin(nearest.deadlineNanos() - now, now)) {
            return hopeless;
        }
        Map<String, Integer> ofClient = new HashMap<>();
        double above = 0;
        for (Priority each : CLASSES) {
            double before = 0;
            for (Iterator<Place<T>> all = queue.everybody(each); all.hasNext();) {
                Place<T> place = all.next();
                int nth = ofClient.merge(place.client().name(), 1, Integer::sum);
                long start = Math.max(
                        Math.max(place.dueNanos() - now, models.cooling(place.model(), now)),
                        Math.max(place.isFirstAttempt() ? limits.nanosUntil(place.client(), nth, now) : 0,
                                estimator.earliestByBase(each, (int) before + 1, (int) (above + before) + 1, now)));
                if (start >= place.deadlineNanos() - now) {
                    hopeless.add(new Start<>(place, start));
                } else if (!place.deferred && !queue.isHeld(place)) {
                    before += place.share();
                }
            }
            above += before;
        }
        return hopeless;
    }

    /** Whether that is certain without a look at each request: the last one of the queue cannot start later than this. */
    private boolean everybodyStartsWithin(long nanos, long now) {
        // One more than contend: a request that backs off would come after them.
        long last = pool.baseLatestStart(queue.contendingAtOrAbove(Priority.LOW) + 1,
                queue.contending(Priority.LOW) + 1, now);
        Place<T> latestDue = queue.latestDue();
        return last < nanos && !queue.hasHeld() && (latestDue == null || latestDue.dueNanos() - now < nanos);
    }
}
