package dev.sidecar.clients;

/** The clients of the file that is in force. Ask again for each request, because they change. Thread-safe. */
public final class ClientsInForce {

    private volatile Clients current = Clients.ANYBODY;

    public Clients get() {
        return current;
    }

    /** Requests are looked up in these from now on. */
    public void put(Clients clients) {
        current = clients;
    }
}
