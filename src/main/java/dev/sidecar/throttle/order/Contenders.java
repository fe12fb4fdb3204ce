package dev.sidecar.throttle.order;

import dev.sidecar.throttle.pool.ModelConcurrency;
import dev.sidecar.throttle.pool.Pool;
import org.jspecify.annotations.Nullable;

/**
 * The waiting requests that contend for the next slot: all but those that back off, those of a full model, and those of
 * a client that its own limits hold back. The budget hears when a busy period begins. Not thread-safe: part of its {@link Lane}.
 */
final class Contenders<T> {

    private final WaitQueue<T> queue;
    private final ClassFloors floors;
    private final ModelConcurrency models;
    private final Pool pool;
    private final Runnable changed;

    /** @param changed called when a request may leave the queue sooner than was said */
    Contenders(WaitQueue<T> queue, ClassFloors floors, ModelConcurrency models, Pool pool, Runnable changed) {
        this.queue = queue;
        this.floors = floors;
        this.models = models;
        this.pool = pool;
        this.changed = changed;
    }

    /** The provider runs no more of this model: a call, which has ended, is evidence for that. */
    void workerCapReached(String model, long now) {
        models.finished(model);
        models.refused(model, now);
        update(model, now);
        releaseHeld(now);
    }

    /** A request for this model is granted, and in flight from now on. */
    void started(@Nullable String model, long now) {
        if (model != null) {
            models.started(model);
            update(model, now);
        }
    }

    /** A call has ended, or was never made. */
    void finished(@Nullable String model, long now) {
        if (model != null) {
            models.finished(model);
            update(model, now);
        }
    }

    /** Lets requests contend of models that the passage of time has freed. */
    void settleModels(long now) {
        if (models.advance(now)) {
            releaseHeld(now);
        }
    }

    /** Holds the models that are full already. */
    void holdFull() {
        models.capped().stream().filter(models::isFull).forEach(queue::hold);
    }

    /** Lets due requests contend. */
    void settleDue(long now) {
        boolean idle = isIdle();
        queue.promote(now);
        beginBusyAfter(idle, now);
    }

    private void beginBusyAfter(boolean idle, long now) {
        if (idle && !isIdle()) {
            pool.busy(now);
        }
    }

    /** This client's own limits hold it back. */
    void holdBack(String client) {
        if (queue.holdBack(client)) {
            forgetCredit();
        }
    }

    /** This client's own limits no longer hold it back. */
    void letGo(String client, long now) {
        if (queue.isHeldBack(client)) {
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
    void enters(Place<T> place, long now) {
        if (!place.priority().isLow() && place.dueNanos() - now <= 0 && isIdle()
                && !queue.isHeldBack(place.client().name())) {
            pool.busy(now);
        }
    }
}
