package dev.sidecar.throttle.budget;

import org.jspecify.annotations.Nullable;

/**
 * A slot of a {@link Budget} with three endings; the first one counts. Like the budget it has no clock and no lock.
 * {@link Slot} documents the methods.
 */
public final class BudgetSlot {

    private final Budget budget;
    private final boolean low;
    private final PacingState before;
    private final boolean bypassed;
    private final int entry;
    private boolean begun;
    private long beganAt;
    private boolean ended;
    private SlidingWindowLog.@Nullable Sent sent;
    private int sentBefore;

    /** @param entry its name in the ledger */
    BudgetSlot(Budget budget, boolean low, PacingState before, boolean bypassed, int entry) {
        this.budget = budget;
        this.low = low;
        this.before = before;
        this.bypassed = bypassed;
        this.entry = entry;
    }

    public void writing(long now) {
        if (!begun) {
            begun = true;
            beganAt = now;
        }
    }

    public void sent(long now) {
        if (!ended) {
            markSent(now);
        }
    }

    public boolean succeeded(RateLimitSignal signal, long now) {
        if (!end()) {
            return false;
        }
        if (bypassed) {
            budget.bypassAccepted(markSent(now), signal, now);
        } else {
            budget.accepted(markSent(now), sentBefore, signal, now);
        }
        return true;
    }

    public boolean refused(RateLimitSignal signal, long now) {
        if (!end()) {
            return false;
        }
        if (bypassed) {
            budget.bypassRefused(markSent(now), signal, now);
        } else {
            budget.refused(markSent(now), sentBefore, signal, now);
        }
        return true;
    }

    public boolean giveBack() {
        if (!end()) {
            return false;
        }
        if (sent == null) {
            budget.returned(this, low, before, bypassed);
        }
        budget.ended();
        return true;
    }

    int entry() {
        return entry;
    }

    /** Whether the provider may have seen the request. */
    public boolean isSent() {
        return sent != null;
    }

    public boolean isEnded() {
        return ended;
    }

    private long writingTime(long now) {
        return begun ? now - beganAt : 0;
    }

    /** How long the request may still be on its way if its last byte is written now. */
    long guard(long now) {
        return SlidingWindowLog.guard(writingTime(now));
    }

    /** Whether this is the first ending. */
    private boolean end() {
        boolean first = !ended;
        ended = true;
        return first;
    }

    private SlidingWindowLog.Sent markSent(long now) {
        if (sent == null) {
            sentBefore = budget.window().sent(now);
            sent = budget.sent(this, before, bypassed, writingTime(now), now);
        }
        return sent;
    }
}
