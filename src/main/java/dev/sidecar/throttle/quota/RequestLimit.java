package dev.sidecar.throttle.quota;

import java.time.Duration;

/**
 * A client's own limit of requests.
 *
 * @param requests how many may start in any such period, 1 to 1 000 000 000
 * @param per the period, 1 s to 31 days
 */
public record RequestLimit(long requests, Duration per) implements OwnLimit {

    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final long MOST = 1_000_000_000;

    /** Checks both values; the message of the {@link IllegalArgumentException} names the rule and the value. */
    public RequestLimit {
        check("requests", requests, per);
    }

    static void check(String name, long value, Duration per) {
        if (value < 1 || value > MOST) {
            throw new IllegalArgumentException(name + " must be 1 to " + MOST + ": " + value);
        }
        if (per.compareTo(SHORTEST) < 0 || per.compareTo(OwnLimit.LONGEST) > 0) {
            throw new IllegalArgumentException("per must be 1 s to " + OwnLimit.LONGEST.toDays() + " days: " + per);
        }
    }
}
