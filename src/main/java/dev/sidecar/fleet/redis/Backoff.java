package dev.sidecar.fleet.redis;

import java.time.Duration;

/**
 * How long to wait before the next attempt to connect: twice as long each time, until a connection holds. Not thread-safe: the
 * thread of the link owns it.
 */
final class Backoff {

    static final Duration SHORTEST = Duration.ofMillis(100);
    static final Duration LONGEST = Duration.ofSeconds(2);

    private Duration next = SHORTEST;

    Duration next() {
        var wait = next;
        var twice = next.multipliedBy(2);
        next = twice.compareTo(LONGEST) < 0 ? twice : LONGEST;
        return wait;
    }

    /** @param held how long the connection was there; a short one is no reason to hurry */
    void ended(Duration held) {
        if (held.compareTo(LONGEST) >= 0) {
            next = SHORTEST;
        }
    }
}
