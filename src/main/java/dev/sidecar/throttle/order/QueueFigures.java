package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.Budget;
import dev.sidecar.throttle.budget.BudgetMinute;
import dev.sidecar.throttle.budget.BudgetRule;
import dev.sidecar.throttle.budget.SlidingWindow;
import dev.sidecar.throttle.pool.CappedModel;
import dev.sidecar.throttle.pool.ModelConcurrency;
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
    private final Budget budget;

    QueueFigures(WaitQueue<T> queue, QueueOutlook<T> outlook, Deadlines<T> deadlines, ModelConcurrency models,
            OwnLimits limits, Budget budget) {
        this.queue = queue;
        this.outlook = outlook;
        this.deadlines = deadlines;
        this.models = models;
        this.limits = limits;
        this.budget = budget;
    }

    /** All figures of this moment; the caller has settled queue and budget to it. */
    ThrottleSnapshot snapshot(int queueMax, long now) {
        SlidingWindow window = budget.window();
        Map<Priority, Integer> waiting = new EnumMap<>(Priority.class);
        Map<Priority, Duration> longest = new EnumMap<>(Priority.class);
        for (Priority each : Priority.values()) {
            waiting.put(each, queue.waiting(each));
            longest.put(each, Duration.ofNanos(outlook.longestWait(each, now)));
        }
        return new ThrottleSnapshot(window.tokens(now), window.rule().burst(),
                new BudgetMinute(window.rule().limit(), window.used(now), nextSlot(now)),
                budget.retreat(now),
                queueMax, waiting, longest, enqueued, granted, dropped, refusedFull, refusedOther, grants(now),
                bypassed,
                budget.openSlots(), retried, cappedModels(), limits.figures(queue::waiting, now));
    }

    private Optional<Duration> nextSlot(long now) {
        SlidingWindow window = budget.window();
        long[] delays = new long[Priority.values().length];
        deadlines.delays(delays, now);
        long delay = SlidingWindow.NEVER;
        for (Priority each : Priority.values()) {
            if (queue.isReady(each)) {
                delay = Math.min(delay, delays[each.rank()]);
            }
        }
        if (delay == SlidingWindow.NEVER) {
            delay = window.delay(false, 1, true, now);
        }
        return delay == SlidingWindow.NEVER ? Optional.empty() : Optional.of(Duration.ofNanos(Math.max(0, delay)));
    }

    private List<CappedModel> cappedModels() {
        return models.capped().stream().map(model -> new CappedModel(model, models.cap(model),
                models.inFlight(model), queue.readyOf(model))).toList();
    }

    /** False when a request has been ready for longer than any rule delays the first one, and nothing was granted. */
    private boolean grants(long now) {
        SlidingWindow window = budget.window();
        long idle = now - window.grantedAt();
        for (Priority each : Priority.values()) {
            if (queue.isReady(each)
                    && Math.min(idle, now - queue.readySince(each)) > BudgetRule.SPAN + window.rule().even()) {
                return false;
            }
        }
        return true;
    }
}
