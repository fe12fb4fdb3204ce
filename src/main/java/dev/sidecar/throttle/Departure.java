package dev.sidecar.throttle;

import java.time.Duration;

/**
 * A ticket that left the line.
 *
 * @param payload what {@link Throttle#enqueue} attached
 * @param waited from admission to now, never negative
 */
public record Departure<T>(Ticket<T> ticket, T payload, Verdict verdict, Duration waited) {
}
