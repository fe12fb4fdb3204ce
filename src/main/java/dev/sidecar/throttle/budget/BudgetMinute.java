package dev.sidecar.throttle.budget;

import java.time.Duration;
import java.util.Optional;

/**
 * The budget of the trailing minute.
 *
 * @param limit the rate in force as a ceiling, requests in any 60 s
 * @param used the requests that the provider may still count, unsent slots included; above the limit after a bypass, or
 *        when the limit was lowered
 * @param nextSlot until the next request can be sent, zero if one can be sent now; empty while it depends on the end of
 *        a slot
 */
public record BudgetMinute(int limit, int used, Optional<Duration> nextSlot) {

    /** At least 0. */
    public int left() {
        return Math.max(0, limit - used);
    }
}
