package dev.sidecar.clients;

import dev.sidecar.throttle.order.ClientPolicy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Someone who sends requests. Immutable.
 *
 * @param policy its share of the budget and its own limits
 * @param classes the classes of its requests
 * @param models the models that it may use
 * @param heartbeat how long a streamed request waits until the client is told so; null where the setting says it
 */
public record Client(ClientPolicy policy, ClassRange classes, ModelRule models, @Nullable Duration heartbeat) {

    /** All callers, where there is no file of clients. */
    public static final Client ANYBODY = new Client(ClientPolicy.ANONYMOUS, ClassRange.ANY, ModelRule.ANY,
            null);

    /** For logs and metrics: a name of the file, or {@code anonymous}. */
    public String name() {
        return policy.name();
    }
}
