package dev.sidecar.http;

import io.vertx.core.buffer.Buffer;

/** A receiver of server-sent events. Thread-safe. */
public interface EventSink {

    /**
     * Sends an event, unless too many earlier ones are unread.
     *
     * @param event the lines of one event, including the empty line at its end
     * @return false if the event was not sent because the client reads too slowly
     */
    boolean send(Buffer event);

    /** No more events will come: a clean end. */
    void end();

    /** Breaks off, without waiting for unread events. */
    void cut();
}
