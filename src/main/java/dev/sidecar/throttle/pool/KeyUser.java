package dev.sidecar.throttle.pool;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who wants to use a key. Immutable.
 *
 * @param client the client's name
 * @param model the model's name at the provider, null if unknown
 * @param primaryOnly whether only the first key will do, since the request may name what is stored with it
 * @param refusedBy the keys that the provider has refused for this request
 */
public record KeyUser(String client, @Nullable String model, boolean primaryOnly, Set<String> refusedBy) {

    /** Whether not every key will do. */
    boolean isChoosy() {
        return primaryOnly || !refusedBy.isEmpty();
    }
}
