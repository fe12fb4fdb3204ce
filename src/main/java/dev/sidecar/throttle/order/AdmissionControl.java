package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.BudgetRule;
import dev.sidecar.throttle.pool.Account;
import dev.sidecar.throttle.pool.ModelConcurrency;
import dev.sidecar.throttle.quota.ClientQuota.Hold;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rules by which newcomers are admitted, and the reasons for refused requests. It reads the queue, and notes overload. Not
 * thread-safe: part of its {@link QueueScheduler}. All times in nanoseconds.
 */
final class AdmissionControl<T> {

    private final Lanes<T> lanes;
    private final OwnLimits limits;
    private final RetrySchedule retries = new RetrySchedule();
    private final Overload overload = new Overload();
    private ThrottleSettings settings;

    AdmissionControl(Lanes<T> lanes, OwnLimits limits, ThrottleSettings settings) {
        this.lanes = lanes;
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
    boolean isFullFor(List<Place<T>> newcomer, long now) {
        return lanes.size() >= settings.queueMax()
                && newcomer.stream().noneMatch(each -> goesNow(each, now)
                        && each.lane.queue.contendingAtOrAbove(Priority.LOW) == 0);
    }

    /** Whether a newcomer would be granted at once from this place. */
    static <T> boolean goesNow(Place<T> place, long now) {
        return place.dueNanos() - now <= 0 && place.lane.closedFor(now) == 0
                && place.lane.estimatorFor(place, now).goesNow(place.priority(), place.model(), place.client(), now);
    }

    /** The reason for a newcomer whose providers' circuits are all open; null if one may serve it. */
    static @Nullable Refusal circuitOpen(List<? extends Place<?>> newcomer, long now) {
        long least = Long.MAX_VALUE;
        for (Place<?> each : newcomer) {
            least = Math.min(least, each.lane.closedFor(now));
        }
        return least > 0 ? Refusals.circuitOpen(least) : null;
    }

    /** The reason for a newcomer that would start too late; noted as overload. */
    Refusal tooLate(List<Place<T>> newcomer, long patience, long start, long now) {
        Place<T> place = newcomer.getFirst();
        Priority priority = place.priority();
        overload.refused(priority, now);
        int limit = newcomer.stream().mapToInt(each -> each.lane.pool.limit()).sum();
        return Refusals.deadlineUnreachable(limitOf(priority, patience), limit,
                place.lane.queue.contendingAtOrAbove(priority), start,
                retries.next(priority, start, BudgetRule.PERIOD / limit, now));
    }

    /**
     * What pays for a newcomer that goes beside the full queue; null if it may not. In both cases the full queue is noted
     * as overload.
     */
    @Nullable
    Account bypass(Place<T> newcomer, long now) {
        overload.refused(newcomer.priority(), now);
        return settings.passthroughWhenFull() && !newcomer.lane.models.isFull(newcomer.model())
                ? newcomer.lane.pool.bypass(now)
                : null;
    }

    /** The reason for a newcomer that finds the queue full. */
    Refusal full(Place<T> newcomer, long now) {
        return Refusals.queueFull(lanes.size(), settings.queueMax(), nextRetry(newcomer, now));
    }

    /** The reason for a waiting request that makes room for one of this class, or for one of a client with fewer. */
    Refusal displaced(Ticket<T> ticket, Priority by, long now) {
        long retry = nextRetry(ticket.places.getFirst(), now);
        return ticket.priority() == by
                ? Refusals.displacedByShare(settings.queueMax(), retry)
                : Refusals.displaced(by, settings.queueMax(), retry);
    }

    /** The reason for a newcomer that its client's own limits keep out; null if they do not. */
    @Nullable
    Refusal ownLimit(Place<T> newcomer, long patience, long now) {
        ClientPolicy client = newcomer.client();
        if (client.queue() == 0 && !client.hasPeriods()) {
            return null;
        }
        int waiting = lanes.waiting(client.name());
        if (client.queue() > 0 && waiting >= client.queue()) {
            return Refusals.clientQueueFull(client, nextRetry(newcomer, now));
        }
        long start = limits.nanosUntil(client, waiting + 1, now);
        return start > 0 && start >= patience
                ? Refusals.clientQuota(client, limitOf(newcomer.priority(), patience), start)
                : null;
    }

    /** The reason for a waiting request that cannot start before this time. */
    Refusal hopeless(Ticket<T> ticket, long start, long now) {
        Refusals.Limit deadline = limitOf(ticket.priority(), patience(ticket));
        return limits.hold(ticket.client(), now) == Hold.PERIOD
                ? Refusals.clientQuota(ticket.client(), deadline, start)
                : Refusals.hopeless(deadline, start, nextRetry(ticket.places.getFirst(), now));
    }

    /** The certain start of a newcomer at its best place; where even the earliest bound is too late, that bound. */
    long start(List<Place<T>> newcomer, long patienceNanos, long now) {
        long start = Long.MAX_VALUE;
        for (Place<T> each : newcomer) {
            long least = Math.max(each.dueNanos() - now, each.lane.closedFor(now));
            each.certainStart = Math.max(least, start(each, patienceNanos, now));
            start = Math.min(start, each.certainStart);
        }
        return start;
    }

    private long start(Place<T> place, long patienceNanos, long now) {
        WaitEstimator<T> estimator = place.lane.estimatorFor(place, now);
        Priority priority = place.priority();
        int nth = place.lane.queue.placeOf(priority, place.client());
        long earliest = estimator.earliest(priority, nth, now);
        if (earliest >= patienceNanos || estimator.goesNow(priority, place.model(), place.client(), now)) {
            return earliest;
        }
        boolean spread = spreadsFor(place, now);
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
    private boolean spreadsFor(Place<T> place, long now) {
        return (place.priority().isLow() || overload.lasts(now))
                && place.lane.queue.contendingAtOrAbove(place.priority()) >= place.lane.pool.left(now);
    }

    /** When the client of one more refused request should come back. */
    private long nextRetry(Place<T> place, long now) {
        Priority priority = place.priority();
        Lane<T> lane = place.lane;
        return retries.next(priority,
                lane.estimator.earliest(priority, lane.queue.placeOf(priority, place.client()), now),
                lane.pool.interval(), now);
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
        Place<T> place = ticket.places.getFirst();
        String model = place.model();
        ModelConcurrency models = place.lane.models;
        if (model != null && models.isFull(model)) {
            return Refusals.modelTimeout(limitOf(ticket.priority(), patience), models.cap(model),
                    models.cooling(model, now));
        }
        int limit = ticket.places.stream().mapToInt(each -> each.lane.pool.limit()).sum();
        return Refusals.queueTimeout(limitOf(ticket.priority(), patience), limit, lanes.size() - 1,
                nextRetry(place, now));
    }

    private static long patience(Ticket<?> ticket) {
        return ticket.deadlineNanos() - ticket.arrivalNanos();
    }
}
