package dev.sidecar.relay;

import org.jspecify.annotations.Nullable;

/**
 * What to do when the client goes away: at most one action at a time, run exactly once.
 *
 * <p>Thread-safe. The event loop cancels; the request's own thread replaces the action as the request moves on (leave
 * the waiting line, then abort the upstream call). An action set after the client has gone runs at once, so that no
 * moment exists in which the departure goes unnoticed. Actions run outside the lock.
 */
public final class Cancellation {

    private @Nullable Runnable action;
    private boolean cancelled;

    /** Replaces the action; runs it at once, on this thread, when the client has already gone. */
    public void onCancel(Runnable newAction) {
        synchronized (this) {
            if (!cancelled) {
                action = newAction;
                return;
            }
        }
        newAction.run();
    }

    /** Nothing is left to cancel. */
    public synchronized void clear() {
        action = null;
    }

    /** The client has gone. Runs the current action unless this was known already. */
    public void cancel() {
        Runnable toRun;
        synchronized (this) {
            if (cancelled) {
                return;
            }
            cancelled = true;
            toRun = action;
            action = null;
        }
        if (toRun != null) {
            toRun.run();
        }
    }

    public synchronized boolean isCancelled() {
        return cancelled;
    }
}
