package dev.sidecar.throttle;

import org.jspecify.annotations.Nullable;

/** A slot of a {@link RequestBudget}, whose lock guards everything that may change here. */
final class BudgetSlot implements Slot {

    private final RequestBudget budget;
    private final Priority priority;
    private final Pace before;
    private final boolean bypassed;
    private boolean begun;
    private long beganAt;
    private boolean ended;
    private ArrivalLog.@Nullable Sent sent;
    private int sentBefore;

    BudgetSlot(RequestBudget budget, Priority priority, Pace before, boolean bypassed) {
        this.budget = budget;
        this.priority = priority;
        this.before = before;
        this.bypassed = bypassed;
    }

    @Override
    public void writing() {
        budget.lock().lock();
        try {
            if (!begun) {
                begun = true;
                beganAt = budget.now();
            }
        } finally {
            budget.lock().unlock();
        }
    }

    @Override
    public void sent() {
        budget.lock().lock();
        try {
            if (!ended) {
                markSent();
            }
        } finally {
            budget.lock().unlock();
        }
    }

    @Override
    public boolean succeeded(RateLimitSignal signal) {
        budget.lock().lock();
        try {
            if (ended) {
                return false;
            }
            ended = true;
            if (bypassed) {
                budget.bypassAccepted(markSent(), signal);
            } else {
                budget.accepted(markSent(), sentBefore, signal);
            }
            return true;
        } finally {
            budget.lock().unlock();
        }
    }

    @Override
    public boolean refused(RateLimitSignal signal) {
        budget.lock().lock();
        try {
            if (ended) {
                return false;
            }
            ended = true;
            if (bypassed) {
                budget.bypassRefused(markSent(), signal);
            } else {
                budget.refused(markSent(), sentBefore, signal);
            }
            return true;
        } finally {
            budget.lock().unlock();
        }
    }

    @Override
    public boolean giveBack() {
        budget.lock().lock();
        try {
            if (ended) {
                return false;
            }
            ended = true;
            if (sent == null) {
                budget.returned(priority, before, bypassed);
            }
            budget.ended();
            return true;
        } finally {
            budget.lock().unlock();
        }
    }

    @Override
    public boolean isEnded() {
        budget.lock().lock();
        try {
            return ended;
        } finally {
            budget.lock().unlock();
        }
    }

    private ArrivalLog.Sent markSent() {
        if (sent == null) {
            long now = budget.now();
            sentBefore = budget.window().sent(now);
            sent = budget.sent(before, bypassed, begun ? now - beganAt : 0, now);
        }
        return sent;
    }
}
