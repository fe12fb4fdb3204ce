package dev.sidecar.throttle.quota;

import java.time.Duration;

/**
 * A client's own limit of tokens, counted when responses have told what they cost.
 *
 * @param tokens how many may be used in any such period before further requests wait, 1 to 1 000 000 000
 * @param per the period, 1 s to 31 days
 */
public record TokenLimit(long tokens, Duration per) implements OwnLimit {

    /** Checks both values; the message of the {@link IllegalArgumentException} names the rule and the value. */
    public TokenLimit {
        RequestLimit.check("tokens", tokens, per);
    }
}
