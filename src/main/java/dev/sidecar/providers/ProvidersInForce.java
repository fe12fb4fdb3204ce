package dev.sidecar.providers;

/** The providers that are in force. Ask again for each request, because they change. Thread-safe. */
public final class ProvidersInForce {

    private volatile Providers current;

    public ProvidersInForce(Providers start) {
        this.current = start;
    }

    public Providers get() {
        return current;
    }

    /** Requests go to these from now on. */
    public void put(Providers providers) {
        current = providers;
    }
}
