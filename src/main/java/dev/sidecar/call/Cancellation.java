package dev.sidecar.call;

import org.jspecify.annotations.Nullable;

/**
 * The action for a cancelled request, when its client goes away or the sidecar stops: at most one action at a time, run
 * exactly once.
 *
 * <p>Thread-safe. The event loop cancels. The request's own thread replaces the action as the request moves on: first
 * it leaves the queue, later it aborts the upstream call. An action set after the cancellation runs at once, so no
 * cancellation is missed. Actions run outside the lock.
 */
public final class Cancellation {

    private enum Cause {
        CLIENT_GONE, STOPPED
    }

    private @Nullable Runnable action;
    private @Nullable Cause cause;

    /** Replaces the action; runs it at once, on this thread, when the request is already cancelled. */
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

    /** The client has gone. Runs the current action unless the request was already cancelled. */
    public void cancel() {
        end(Cause.CLIENT_GONE);
    }

    /** The sidecar stops, and the client is still there. Runs the current action unless it was already cancelled. */
    public void stop() {
        end(Cause.STOPPED);
    }

    private void end(Cause why) {
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

    /** Whether it was cancelled, for any cause. */
    public synchronized boolean isCancelled() {
        return cause != null;
    }

    /** Whether it was cancelled because its client has gone. */
    public synchronized boolean isClientGone() {
        return cause == Cause.CLIENT_GONE;
    }

    /** Whether it was cancelled because the sidecar stops. */
    public synchronized boolean isStopped() {
        return cause == Cause.STOPPED;
    }
}
