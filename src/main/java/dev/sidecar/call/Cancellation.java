package dev.sidecar.call;

import org.jspecify.annotations.Nullable;

/**
 * What to do when a request is given up, because its client goes away or the sidecar stops: at most one action at a time,
 * run exactly once.
 *
 * <p>Thread-safe. The event loop cancels; the request's own thread replaces the action as the request moves on (leave
 * the waiting line, then abort the upstream call). An action set after the client has gone runs at once, so that no
 * moment exists in which the departure goes unnoticed. Actions run outside the lock.
 */
public final class Cancellation {

    private enum Cause {
        CLIENT_GONE, STOPPED
    }

    private @Nullable Runnable action;
    private @Nullable Cause cause;

    /** Replaces the action; runs it at once, on this thread, when the request has already been given up. */
    public void onCancel(Runnable newAction) {
        synchronized (this) {
            if (cause == null) {
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

    /** The client has gone. Runs the current action unless the request was given up already. */
    public void cancel() {
        giveUp(Cause.CLIENT_GONE);
    }

    /** The sidecar stops, and the client is still there. Runs the current action unless it was given up already. */
    public void stop() {
        giveUp(Cause.STOPPED);
    }

    private void giveUp(Cause why) {
        Runnable toRun;
        synchronized (this) {
            if (cause != null) {
                return;
            }
            cause = why;
            toRun = action;
            action = null;
        }
        if (toRun != null) {
            toRun.run();
        }
    }

    /** Whether it was given up, for whichever cause. */
    public synchronized boolean isCancelled() {
        return cause != null;
    }

    /** Whether it was given up because nobody is there any more to be answered. */
    public synchronized boolean isClientGone() {
        return cause == Cause.CLIENT_GONE;
    }

    /** Whether it was given up because the sidecar stops. */
    public synchronized boolean isStopped() {
        return cause == Cause.STOPPED;
    }
}
