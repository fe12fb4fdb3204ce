package dev.sidecar.throttle.budget;

import java.time.Duration;
import java.util.Optional;

/**
 * A time during which something held the budget below the operator's limit. Times count from the moment of asking: the
 * past is negative.
 *
 * @param from when it began
 * @param to when it ended or will end; empty while its end is unknown
 * @param rpm the rate in force, for {@link Kind#LEARNED} the learned limit; 0 in a pause
 */
public record LimitSpan(Kind kind, Duration from, Optional<Duration> to, double rpm) {

    /** What held the budget down. */
    public enum Kind {
        /** Nothing is sent, because the provider refused. */
        PAUSE,
        /** The rate is cut. */
        RETREAT,
        /** The rate rises step by step. */
        RECOVER,
        /** The provider's real limit is known to be lower. */
        LEARNED
    }
}
