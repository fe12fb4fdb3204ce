package dev.sidecar.throttle.quota;

import java.time.Duration;

/** A client's own limit over a sliding period. */
public sealed interface OwnLimit permits RequestLimit, TokenLimit {

    /** The longest period of a client's own limit. */
    Duration LONGEST = Duration.ofDays(31);

    /** The period, 1 s to 31 days. */
    Duration per();
}
