package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.BudgetMinute;
import dev.sidecar.throttle.budget.BudgetRule;
import dev.sidecar.throttle.budget.SlidingWindow;
import dev.sidecar.throttle.pool.CappedModel;
import dev.sidecar.throttle.pool.ModelConcurrency;
import dev.sidecar.throttle.pool.Pool;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The counters of a queue, and its state as figures. Not thread-safe: part of its {@link QueueScheduler}. */
final class QueueFigures<T> {

    long enqueued;
    long granted;
    long dropped;
    long refusedFull;
    long refusedOther;
    long bypassed;
    long retried;

    private final WaitQueue<T> queue;
    private final QueueOutlook<T> outlook;
    private final Deadlines<T> deadlines;
    private final ModelConcurrency models;
    private final OwnLimits limits;
    private final Pool pool;

    QueueFigures(WaitQueue<T> queue, QueueOutlook<T> outlook, Deadlines<T> deadlines, ModelConcurrency models,
            OwnLimits limits, Pool pool) {
        this.queue = queue;
        this.outlook = outlook;
        this.deadlines = deadlines;
        this.models = models;
        this.limits = limits;
        this.pool = pool;
    }

    /** All figures of this moment; the caller has settled queue and budget to it. */
    ThrottleSnapshot snapshot(int queueMax, long now) {
        Map<Priority, Integer> waiting = new EnumMap<>(Priority.class);
        Map<Priority, Duration> longest = new EnumMap<>(Priority.class);
        for (Priority each : Priority.values()) {
            waiting.put(each, queue.waiting(each));
            longest.put(each, Duration.ofNanos(outlook.longestWait(each, now)));
        }
        return new ThrottleSnapshot(pool.tokens(now), pool.burst(),
                new BudgetMinute(pool.limit(), pool.used(now), nextSlot(now)), pool.first().retreat(now),
                pool.first().spans(now),
                queueMax, waiting, longest, enqueued, granted, dropped, refusedFull, refusedOther, grants(now),
                bypassed,
                pool.openSlots(), retried, cappedModels(), limits.figures(queue::waiting, now));
    }

    private Optional<Duration> nextSlot(long now) {
        long[] delays = new long[Priority.values().length];
        deadlines.delays(delays, now);
        long delay = SlidingWindow.NEVER;
        for (Priority each : Priority.values()) {
            if (queue.isReady(each)) {
                delay = Math.min(delay, delays[each.rank()]);
            }
        }
        if (delay == SlidingWindow.NEVER) {
            delay = pool.delay(false, 1, true, now);
        }
        return delay == SlidingWindow.NEVER ? Optional.empty() : Optional.of(Duration.ofNanos(Math.max(0, delay)));
    }

    private List<CappedModel> cappedModels() {
        return models.capped().stream().map(model -> new CappedModel(model, models.cap(model),
                models.inFlight(model), queue.readyOf(model))).toList();
    }

    /** False when a request has been ready for longer than any rule delays the first one, and nothing was granted. */
    private boolean grants(long now) {
        long idle = now - pool.grantedAt();
        long even = pool.first().window().rule().even();
        for (Priority each : Priority.values()) {
            if (queue.isReady(each)
                    && Math.min(idle, now - queue.readySince(each)) > BudgetRule.SPAN + even) {
                return false;
            }
        }
        return true;
    }
}
