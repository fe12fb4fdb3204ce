package dev.sidecar.throttle;

/** A slot of a {@link RequestBudget}, whose lock guards everything that may change here. */
final class BudgetSlot implements Slot {

    private final RequestBudget budget;
    private final Priority priority;
    private final Pace before;
    private final boolean bypassed;
    private boolean sent;
    private boolean ended;

    BudgetSlot(RequestBudget budget, Priority priority, Pace before, boolean bypassed) {
        this.budget = budget;
        this.priority = priority;
        this.before = before;
        this.bypassed = bypassed;
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
    public boolean succeeded() {
        return end(true, false);
    }

    @Override
    public boolean refused() {
        return end(true, true);
    }

    @Override
    public boolean giveBack() {
        return end(false, false);
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

    private boolean end(boolean used, boolean refused) {
        budget.lock().lock();
        try {
            if (ended) {
                return false;
            }
            if (used) {
                markSent();
            } else if (!sent) {
                budget.returned(priority, before, bypassed);
            }
            ended = true;
            budget.ended(refused);
            return true;
        } finally {
            budget.lock().unlock();
        }
    }

    private void markSent() {
        if (!sent) {
            sent = true;
            budget.sent(before, bypassed);
        }
    }
}
