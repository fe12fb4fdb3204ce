package dev.sidecar.clients;

import dev.sidecar.throttle.order.ClientPolicy;

/**
 * Someone who sends requests. Immutable.
 *
 * @param policy its share of the budget and its own limits
 * @param classes the classes of its requests
 * @param models the models that it may use
 */
public record Client(ClientPolicy policy, ClassRange classes, ModelRule models) {

    /** All callers, where there is no file of clients. */
    public static final Client ANYBODY = new Client(ClientPolicy.ANONYMOUS, ClassRange.ANY, ModelRule.ANY);

    /** For logs and metrics: a name of the file, or {@code anonymous}. */
    public String name() {
        return policy.name();
    }
}
