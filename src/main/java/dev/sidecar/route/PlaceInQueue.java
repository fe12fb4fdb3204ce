package dev.sidecar.route;

import dev.sidecar.throttle.order.Ticket;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * The ticket that a request holds now: each further try gets a new one. One object for all copies of an exchange, so that
 * whoever cleans up gives back the latest. Thread-safe.
 */
public final class PlaceInQueue {

    private static final String PROPERTY = "SidecarPlace";

    private volatile Ticket<Exchange> ticket;

    private PlaceInQueue(Ticket<Exchange> ticket) {
        this.ticket = ticket;
    }

    public static PlaceInQueue take(Ticket<Exchange> ticket, Exchange exchange) {
        var place = new PlaceInQueue(ticket);
        exchange.setProperty(PROPERTY, place);
        return place;
    }

    /** Null when the exchange has never had a place. */
    static @Nullable PlaceInQueue find(Exchange exchange) {
        return (PlaceInQueue) exchange.getProperty(PROPERTY);
    }

    public static PlaceInQueue of(Exchange exchange) {
        var place = find(exchange);
        if (place == null) {
            throw new IllegalStateException("no place in the line: put the step 'adaptiveThrottle' before this one");
        }
        return place;
    }

    public Ticket<Exchange> ticket() {
        return ticket;
    }

    void ticket(Ticket<Exchange> newTicket) {
        ticket = newTicket;
    }
}
