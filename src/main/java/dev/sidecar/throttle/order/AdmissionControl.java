package dev.sidecar.throttle.order;

import dev.sidecar.throttle.pool.Account;
import dev.sidecar.throttle.pool.ModelConcurrency;
import dev.sidecar.throttle.pool.Pool;
import dev.sidecar.throttle.quota.ClientQuota.Hold;
import org.jspecify.annotations.Nullable;

/**
 * The rules by which newcomers are admitted, and the reasons for refused requests. It reads the queue, and notes overload. Not
 * thread-safe: part of its {@link QueueScheduler}. All times in nanoseconds.
 */
final class AdmissionControl<T> {

    private final WaitQueue<T> queue;
    private final WaitEstimator<T> estimator;
    private final Pool pool;
    private final ModelConcurrency models;
    private final OwnLimits limits;
    private final RetrySchedule retries = new RetrySchedule();
    private final Overload overload = new Overload();
    private ThrottleSettings settings;

    AdmissionControl(WaitQueue<T> queue, WaitEstimator<T> estimator, Pool pool, ModelConcurrency models,
            OwnLimits limits, ThrottleSettings settings) {
        this.queue = queue;
        this.estimator = estimator;
        this.pool = pool;
        this.models = models;
        this.limits = limits;
        this.settings = settings;
    }

    ThrottleSettings settings() {
        return settings;
    }

    void settings(ThrottleSettings newSettings) {
        settings = newSettings;
    }

    /** Whether the queue is full for a newcomer, which could not be granted at once either. */
    boolean isFullFor(Priority priority, @Nullable String model, ClientPolicy client, long now) {
        return queue.size() >= settings.queueMax() && !goesNowAlone(priority, model, client, now);
    }

    /** The reason for a newcomer that would start too late; noted as overload. */
    Refusal tooLate(Priority priority, long patience, long start, long now) {
        overload.refused(priority, now);
        return Refusals.deadlineUnreachable(limitOf(priority, patience), pool.limit(),
                queue.contendingAtOrAbove(priority), start,
                retries.next(priority, start, pool.interval(), now));
    }

    /**
     * The account that pays for a newcomer that goes beside the full queue; null if it may not. In both cases the full
     * queue is noted as overload.
     */
    @Nullable
    Account bypass(Priority priority, @Nullable String model, long now) {
        overload.refused(priority, now);
        return settings.passthroughWhenFull() && !models.isFull(model) ? pool.bypass(now) : null;
    }

    /** The reason for a newcomer that finds the queue full. */
    Refusal full(Priority priority, ClientPolicy client, long now) {
        return Refusals.queueFull(queue.size(), settings.queueMax(), nextRetry(priority, client, now));
    }

    /** The reason for a waiting request that makes room for one of this class, or for one of a client with fewer. */
    Refusal displaced(Ticket<T> ticket, Priority by, long now) {
        long retry = nextRetry(ticket.priority(), ticket.client(), now);
        return ticket.priority() == by
                ? Refusals.displacedByShare(settings.queueMax(), retry)
                : Refusals.displaced(by, settings.queueMax(), retry);
    }

    /** The reason for a newcomer that its client's own limits keep out; null if they do not. */
    @Nullable
    Refusal ownLimit(Priority priority, ClientPolicy client, long patience, long now) {
        if (client.queue() == 0 && !client.hasPeriods()) {
            return null;
        }
        int waiting = queue.waiting(client.name());
        if (client.queue() > 0 && waiting >= client.queue()) {
            return Refusals.clientQueueFull(client, nextRetry(priority, client, now));
        }
        long start = limits.nanosUntil(client, waiting + 1, now);
        return start > 0 && start >= patience
                ? Refusals.clientQuota(client, limitOf(priority, patience), start)
                : null;
    }

    /** The reason for a waiting request that cannot start before this time. */
    Refusal hopeless(Ticket<T> ticket, long start, long now) {
        Refusals.Limit deadline = limitOf(ticket.priority(), patience(ticket));
        return limits.hold(ticket.client(), now) == Hold.PERIOD
                ? Refusals.clientQuota(ticket.client(), deadline, start)
                : Refusals.hopeless(deadline, start, nextRetry(ticket.priority(), ticket.client(), now));
    }

    /** The certain start of a newcomer; where even the earliest bound is too late, that bound. */
    long start(Priority priority, @Nullable String model, ClientPolicy client, long patienceNanos, long now) {
        int nth = queue.placeOf(priority, client);
        long earliest = estimator.earliest(priority, nth, now);
        if (earliest >= patienceNanos || estimator.goesNow(priority, model, client, now)) {
            return earliest;
        }
        boolean spread = spreadsFor(priority, now);
        return estimator.certain(priority, nth, spread ? Projection.Spread.ALWAYS : Projection.Spread.NONE, now)
                + spare(priority, spread, patienceNanos);
    }

    /**
     * How much earlier than its deadline an admitted request must start, in nanoseconds. Threads and networks take
     * time, and spreading is less certain than its absence. A {@code low} request needs more, since its own pacing may
     * skip it.
     */
    private static long spare(Priority priority, boolean spread, long patienceNanos) {
        if (priority.isLow()) {
            return Math.min(2 * WaitEstimator.MARGIN, patienceNanos / 5);
        }
        return spread
                ? Math.min(2 * WaitEstimator.MARGIN, patienceNanos / 10)
                : Math.min(WaitEstimator.MARGIN / 4, patienceNanos / 20);
    }

    /**
     * Whether a newcomer is admitted only if spreading serves it in time. This holds for low requests, which never make
     * others go faster, and for every request in a lasting overload. Otherwise an overload would use every window in
     * one burst, and urgent requests would meet an empty minute. It does not hold while a slot is free for the newcomer
     * and for all before it.
     */
    private boolean spreadsFor(Priority priority, long now) {
        return (priority.isLow() || overload.lasts(now))
                && queue.contendingAtOrAbove(priority) >= pool.left(now);
    }

    /** When the client of one more refused request should come back. */
    private long nextRetry(Priority priority, ClientPolicy client, long now) {
        return retries.next(priority, estimator.earliest(priority, queue.placeOf(priority, client), now),
                pool.interval(),
                now);
    }

    private Refusals.Limit limitOf(Priority priority, long patienceNanos) {
        return patienceNanos == settings.timeoutOf(priority).toNanos()
                ? new Refusals.Limit(patienceNanos, priority)
                : new Refusals.Limit(patienceNanos, null);
    }

    /** The reason for a waiting request whose deadline has passed. */
    Refusal timedOut(Ticket<T> ticket, long now) {
        long patience = patience(ticket);
        Hold hold = limits.hold(ticket.client(), now);
        if (hold == Hold.CONCURRENCY) {
            return Refusals.clientConcurrency(ticket.client(), limitOf(ticket.priority(), patience));
        }
        if (hold == Hold.PERIOD) {
            return Refusals.clientQuota(ticket.client(), limitOf(ticket.priority(), patience),
                    limits.nanosUntil(ticket.client(), 1, now));
        }
        String model = ticket.model();
        if (model != null && models.isFull(model)) {
            return Refusals.modelTimeout(limitOf(ticket.priority(), patience), models.cap(model),
                    models.cooling(model, now));
        }
        return Refusals.queueTimeout(limitOf(ticket.priority(), patience), pool.limit(),
                queue.size() - 1, nextRetry(ticket.priority(), ticket.client(), now));
    }

    private boolean goesNowAlone(Priority priority, @Nullable String model, ClientPolicy client, long now) {
        return queue.contendingAtOrAbove(Priority.LOW) == 0 && estimator.goesNow(priority, model, client, now);
    }

    private static long patience(Ticket<?> ticket) {
        return ticket.deadlineNanos() - ticket.arrivalNanos();
    }
}
