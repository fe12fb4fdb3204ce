package dev.sidecar.throttle;

import dev.sidecar.throttle.budget.BudgetSlot;
import dev.sidecar.throttle.budget.RateLimitSignal;
import dev.sidecar.throttle.budget.Slot;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** The slot that callers see: a {@link BudgetSlot} under the throttle's lock, with the throttle's clock. Thread-safe. */
final class GuardedSlot implements Slot {

    private final BudgetSlot slot;
    private final ReentrantLock lock;
    private final NanoClock clock;
    private final Runnable unserved;

    /** @param unserved what to do, under the lock, when the provider refused the request or it was never sent */
    GuardedSlot(BudgetSlot slot, ReentrantLock lock, NanoClock clock, Runnable unserved) {
        this.slot = slot;
        this.lock = lock;
        this.clock = clock;
        this.unserved = unserved;
    }

    @Override
    public void writing() {
        lock.lock();
        try {
            slot.writing(clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void sent() {
        lock.lock();
        try {
            slot.sent(clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean succeeded(RateLimitSignal signal) {
        return guarded(() -> slot.succeeded(signal, clock.nanoTime()));
    }

    @Override
    public boolean refused(RateLimitSignal signal) {
        return guarded(() -> unserved(slot.refused(signal, clock.nanoTime())));
    }

    @Override
    public boolean giveBack() {
        return guarded(() -> slot.isSent() ? slot.giveBack() : unserved(slot.giveBack()));
    }

    @Override
    public boolean isEnded() {
        return guarded(slot::isEnded);
    }

    private boolean unserved(boolean ended) {
        if (ended) {
            unserved.run();
        }
        return ended;
    }

    private boolean guarded(BooleanSupplier action) {
        lock.lock();
        try {
            return action.getAsBoolean();
        } finally {
            lock.unlock();
        }
    }
}
