package dev.sidecar.throttle.order;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a request brings along that has waited in another queue. Immutable; all times from now.
 *
 * @param number its number in the new queue: of the same client, the lower one is served first; unique
 * @param age the time since it arrived
 * @param attempt the number of this attempt, from 1
 * @param notBefore the rest of its back-off; 0 for none
 * @param paidBefore the account that paid for the attempt before; null for none
 * @param refusedBy the keys that it may not use
 * @param pausing the provider that asks to be left alone by this request; null for none
 * @param pausedFor for how long
 */
public record Earlier(long number, Duration age, int attempt, Duration notBefore, @Nullable String paidBefore,
        Set<String> refusedBy, @Nullable String pausing, Duration pausedFor) {

    public Earlier {
        refusedBy = Set.copyOf(refusedBy);
    }

    /** The same, and these keys may not be used either. */
    public Earlier without(Set<String> keys) {
        if (keys.isEmpty()) {
            return this;
        }
        Set<String> all = new HashSet<>(refusedBy);
        all.addAll(keys);
        return new Earlier(number, age, attempt, notBefore, paidBefore, all, pausing, pausedFor);
    }
}
