package dev.sidecar.throttle.order;

import dev.sidecar.throttle.Throttle;
import java.time.Duration;

/**
 * A ticket that left the queue.
 *
 * @param payload what {@link Throttle#enqueue} attached
 * @param waited what it spent in the queue, never negative: from admission to now, and for one that was tried again the sum over
 *        all its tries, back-off included; its time at the provider does not count
 */
public record Departure<T>(Ticket<T> ticket, T payload, Verdict verdict, Duration waited) {
}
