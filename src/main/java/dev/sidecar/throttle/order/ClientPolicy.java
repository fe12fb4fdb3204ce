package dev.sidecar.throttle.order;

import dev.sidecar.throttle.quota.RequestLimit;
import dev.sidecar.throttle.quota.TokenLimit;
import java.util.List;

/**
 * What a client may have. Immutable; a change replaces it.
 *
 * @param name unique among the clients
 * @param weight its share inside a class, beside the weights of the others: 1 to {@value #HEAVIEST}
 * @param requestLimits its own limits of requests; all of them hold
 * @param tokenLimits its own limits of tokens; all of them hold
 * @param concurrent requests that may run at a time, 0 for any number
 * @param queue requests that may wait at a time, 0 for any number
 */
public record ClientPolicy(String name, int weight, List<RequestLimit> requestLimits, List<TokenLimit> tokenLimits,
        int concurrent, int queue) {

    public static final int HEAVIEST = 1000;

    /** All callers without a name of their own; without own limits. */
    public static final ClientPolicy ANONYMOUS = new ClientPolicy("anonymous", 1);

    /** Checks the ranges; the message of the {@link IllegalArgumentException} names the rule and the value. */
    public ClientPolicy {
        if (weight < 1 || weight > HEAVIEST) {
            throw new IllegalArgumentException("weight must be 1 to " + HEAVIEST + ": " + weight);
        }
        if (concurrent < 0 || queue < 0) {
            throw new IllegalArgumentException(
                    "concurrent and queue must not be negative: " + concurrent + ", " + queue);
        }
        requestLimits = List.copyOf(requestLimits);
        tokenLimits = List.copyOf(tokenLimits);
    }

    /** Whether it may start only so much in a period. */
    boolean hasPeriods() {
        return !requestLimits.isEmpty() || !tokenLimits.isEmpty();
    }

    /** A client without limits of its own. */
    public ClientPolicy(String name, int weight) {
        this(name, weight, List.of(), List.of(), 0, 0);
    }
}
