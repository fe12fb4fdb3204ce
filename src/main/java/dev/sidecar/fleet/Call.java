package dev.sidecar.fleet;

import dev.sidecar.throttle.order.Ticket;

/**
 * An attempt of a request at its replica. Immutable.
 *
 * @param number of the request
 * @param attempt from 1
 */
public record Call(long number, int attempt) {

    static Call of(Ticket<?> ticket) {
        return new Call(ticket.number(), ticket.tries());
    }
}
