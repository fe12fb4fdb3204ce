package dev.sidecar.http;

import io.vertx.core.buffer.Buffer;

/** Where server-sent events go. Thread-safe. */
public interface EventSink {

    /**
     * Sends an event, unless those before it have not been read.
     *
     * @param event the lines of one event, the empty one that ends it included
     * @return false if it was not sent, since too much waits for the client to read it
     */
    boolean send(Buffer event);

    /** No more events will come: a clean end. */
    void end();

    /** Breaks off, without waiting for what has not been read. */
    void cut();
}
