package dev.sidecar.throttle.order;

/** Counts when a request may leave the queue sooner than was said, and says so. Not thread-safe: part of its {@link Lanes}. */
final class BudgetChanges implements Runnable {

    private final Runnable listener;
    private long count;

    BudgetChanges(Runnable listener) {
        this.listener = listener;
    }

    @Override
    public void run() {
        count++;
        listener.run();
    }

    long count() {
        return count;
    }
}
