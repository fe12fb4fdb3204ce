package dev.sidecar.throttle.order;

import java.time.Duration;
import java.util.Optional;

/**
 * The turn of a waiting request, if no other request comes.
 *
 * @param position 1 is next
 * @param start how long until it is probably sent; empty if unknown
 */
public record TurnAhead(int position, Optional<Duration> start) {
}
