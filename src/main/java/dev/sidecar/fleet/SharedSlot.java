package dev.sidecar.fleet;

import dev.sidecar.fleet.Message.Ending;
import dev.sidecar.throttle.budget.RateLimitSignal;
import dev.sidecar.throttle.budget.Slot;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** A slot of this home, for a request that the leader has granted: the leader hears what becomes of it. Thread-safe. */
final class SharedSlot implements Slot {

    private final Call call;
    private final Slot own;
    private final Consumer<Message> leader;
    private final AtomicBoolean sent = new AtomicBoolean();

    SharedSlot(Call call, Slot own, Consumer<Message> leader) {
        this.call = call;
        this.own = own;
        this.leader = leader;
    }

    @Override
    public void writing() {
        own.writing();
    }

    @Override
    public void sent() {
        own.sent();
        if (!sent.getAndSet(true)) {
            leader.accept(new Message.Sent(call));
        }
    }

    @Override
    public boolean succeeded(RateLimitSignal signal) {
        return ended(own.succeeded(signal), Ending.SUCCEEDED, signal);
    }

    @Override
    public boolean refused(RateLimitSignal signal) {
        return ended(own.refused(signal), Ending.REFUSED, signal);
    }

    @Override
    public boolean giveBack() {
        return ended(own.giveBack(), Ending.GIVEN_BACK, RateLimitSignal.NONE);
    }

    @Override
    public boolean isEnded() {
        return own.isEnded();
    }

    private boolean ended(boolean first, Ending ending, RateLimitSignal signal) {
        if (first) {
            leader.accept(new Message.Ended(call, ending, Signal.of(signal)));
        }
        return first;
    }
}
