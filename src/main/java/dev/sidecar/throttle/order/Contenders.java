package dev.sidecar.throttle.order;

import dev.sidecar.throttle.pool.ModelConcurrency;
import dev.sidecar.throttle.pool.Pool;
import dev.sidecar.throttle.quota.ClientQuota.Hold;

/**
 * The waiting requests that contend for the next slot: all but those that back off, those of a full model, and those of
 * a client that its own limits hold back. The budget hears when a busy period begins. Not thread-safe: part of its {@link QueueScheduler}.
 */
final class Contenders<T> {

    private final WaitQueue<T> queue;
    private final ClassFloors floors;
    private final ModelConcurrency models;
    private final OwnLimits limits;
    private final Pool pool;
    private final Runnable changed;

    /** @param changed called when a request may leave the queue sooner than was said */
    Contenders(WaitQueue<T> queue, ClassFloors floors, ModelConcurrency models, OwnLimits limits, Pool pool,
            Runnable changed) {
        this.queue = queue;
        this.floors = floors;
        this.models = models;
        this.limits = limits;
        this.pool = pool;
        this.changed = changed;
    }

    /** The provider runs no more of this model: the call of this ticket, which has ended, is evidence for that. */
    void workerCapReached(Ticket<T> ticket, String model, long now) {
        ended(ticket, now);
        models.finished(model);
        models.refused(model, now);
        update(model, now);
        releaseHeld(now);
    }

    /** This request is granted, and in flight from now on. */
    void granted(Ticket<T> ticket, long now) {
        ticket.inFlight = true;
        limits.started(ticket, now);
        updateClient(ticket.client().name(), now);
        String model = ticket.model();
        if (model != null) {
            models.started(model);
            update(model, now);
        }
    }

    /** Lets due requests contend, and requests of models that the passage of time has freed. */
    void settle(long now) {
        if (models.advance(now)) {
            releaseHeld(now);
        }
        limits.ended(now).forEach(client -> updateClient(client, now));
        boolean idle = isIdle();
        queue.promote(now);
        beginBusyAfter(idle, now);
    }

    private void beginBusyAfter(boolean idle, long now) {
        if (idle && !isIdle()) {
            pool.busy(now);
        }
    }

    /** The call of this ticket has ended, or was never made. */
    void finished(Ticket<T> ticket, long now) {
        if (!ticket.inFlight) {
            return;
        }
        ended(ticket, now);
        String model = ticket.model();
        if (model != null) {
            models.finished(model);
            update(model, now);
        }
    }

    private void ended(Ticket<T> ticket, long now) {
        ticket.inFlight = false;
        limits.finished(ticket);
        updateClient(ticket.client().name(), now);
    }

    /** The own limits of this client, or what it has used of them, have changed. */
    void updateClient(String client, long now) {
        if (limits.hold(client, now) != Hold.NONE) {
            if (queue.holdBack(client)) {
                forgetCredit();
            }
        } else if (queue.isHeldBack(client)) {
            boolean idle = isIdle();
            queue.letGo(client, now);
            changed.run();
            beginBusyAfter(idle, now);
        }
    }

    /** The requests of a full model are held back together, and released together when it is no longer full. */
    private void update(String model, long now) {
        boolean idle = isIdle();
        if (models.isFull(model)) {
            if (queue.hold(model)) {
                forgetCredit();
            }
        } else if (queue.release(model, now)) {
            changed.run();
        }
        beginBusyAfter(idle, now);
    }

    private void releaseHeld(long now) {
        queue.held().forEach(model -> update(model, now));
    }

    /** A class without a ready request keeps no credit. */
    private void forgetCredit() {
        for (Priority each : Priority.values()) {
            if (!queue.isReady(each)) {
                floors.emptied(each);
            }
        }
    }

    /** Whether no request of high or normal class contends. */
    private boolean isIdle() {
        return queue.contendingAtOrAbove(Priority.NORMAL) == 0;
    }

    /** The first contending request of high or normal class begins a busy period of the budget. */
    void enters(Ticket<T> ticket, long now) {
        if (!ticket.priority().isLow() && ticket.dueNanos() - now <= 0 && isIdle()
                && !queue.isHeldBack(ticket.client().name())) {
            pool.busy(now);
        }
    }
}
