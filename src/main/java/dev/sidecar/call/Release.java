package dev.sidecar.call;

import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;

/** Runs an action once when an exchange is done, with or without a failure. */
public final class Release extends SynchronizationAdapter {

    private final Runnable release;
    private final boolean handover;

    private Release(Runnable release, boolean handover) {
        this.release = release;
        this.handover = handover;
    }

    public static void whenDone(Exchange exchange, Runnable release) {
        exchange.getExchangeExtension().addOnCompletion(new Release(release, false));
    }

    /** For a queued exchange: the action moves to the exchange that the consumer makes of it. */
    public static void whenQueuedIsDone(Exchange exchange, Runnable release) {
        exchange.getExchangeExtension().addOnCompletion(new Release(release, true));
    }

    @Override
    public void onDone(Exchange exchange) {
        release.run();
    }

    @Override
    public boolean allowHandover() {
        return handover;
    }
}
