package dev.sidecar.route;

import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;

/** Something to release when the exchange that holds it is done, whichever way it ended. */
public final class OnDone extends SynchronizationAdapter {

    private final Runnable release;
    private final boolean handover;

    OnDone(Runnable release) {
        this(release, false);
    }

    private OnDone(Runnable release, boolean handover) {
        this.release = release;
        this.handover = handover;
    }

    /** For an exchange that stands in a queue: it goes over to the exchange that the consumer makes of it. */
    public static OnDone ofQueued(Runnable release) {
        return new OnDone(release, true);
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
