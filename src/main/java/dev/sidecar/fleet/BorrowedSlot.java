package dev.sidecar.fleet;

import dev.sidecar.fleet.Message.Ending;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.budget.RateLimitSignal;
import dev.sidecar.throttle.budget.Slot;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * A slot that another home has lent. It may be sent only for a time; after that the lender counts it as used. Lender and leader
 * hear what becomes of it. Thread-safe.
 */
final class BorrowedSlot implements Slot {

    private final Call call;
    private final String loan;
    private final long validUntil;
    private final NanoClock clock;
    private final Consumer<Message> leader;
    private final Consumer<Message> lender;
    private final AtomicBoolean sent = new AtomicBoolean();
    private final AtomicBoolean ended = new AtomicBoolean();

    BorrowedSlot(Call call, String loan, long validUntil, NanoClock clock, Consumer<Message> leader,
            Consumer<Message> lender) {
        this.call = call;
        this.loan = loan;
        this.validUntil = validUntil;
        this.clock = clock;
        this.leader = leader;
        this.lender = lender;
    }

    @Override
    public boolean mayBeSent() {
        return sent.get() || clock.nanoTime() - validUntil < 0;
    }

    @Override
    public void writing() {
        // its lender counts it as used since it was lent
    }

    @Override
    public void sent() {
        if (!ended.get()) {
            markSent();
        }
    }

    private void markSent() {
        if (!sent.getAndSet(true)) {
            lender.accept(new Message.LoanSent(loan));
            leader.accept(new Message.Sent(call));
        }
    }

    @Override
    public boolean succeeded(RateLimitSignal signal) {
        return answered(Ending.SUCCEEDED, signal);
    }

    @Override
    public boolean refused(RateLimitSignal signal) {
        return answered(Ending.REFUSED, signal);
    }

    private boolean answered(Ending ending, RateLimitSignal signal) {
        if (ended.getAndSet(true)) {
            return false;
        }
        markSent();
        lender.accept(new Message.LoanAnswered(loan));
        leader.accept(new Message.Ended(call, ending, Signal.of(signal)));
        return true;
    }

    @Override
    public boolean giveBack() {
        if (ended.getAndSet(true)) {
            return false;
        }
        if (!sent.get()) {
            lender.accept(new Message.LoanBack(loan));
        }
        leader.accept(new Message.Ended(call, Ending.GIVEN_BACK, null));
        return true;
    }

    @Override
    public boolean isEnded() {
        return ended.get();
    }
}
