package dev.sidecar.throttle.order;

import java.time.Duration;

/**
 * A ticket that left the queue.
 *
 * @param payload what {@code Throttle.enqueue} attached
 * @param waited the time in the queue, never negative, from admission to now. After a retry it is the sum over all
 *        attempts, back-off included; the time at the provider does not count
 */
public record Departure<T>(Ticket<T> ticket, T payload, Verdict verdict, Duration waited) {
}
