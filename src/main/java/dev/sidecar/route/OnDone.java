package dev.sidecar.route;

import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;

/** Something to release when the exchange that holds it is done, whichever way it ended. */
final class OnDone extends SynchronizationAdapter {

    private final Runnable release;

    OnDone(Runnable release) {
        this.release = release;
    }

    @Override
    public void onDone(Exchange exchange) {
        release.run();
    }

    @Override
    public boolean allowHandover() {
        return false;
    }
}
