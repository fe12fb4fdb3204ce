package dev.sidecar.route;

import dev.sidecar.call.ClientCall;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/**
 * Tells requests that stand for themselves, which any key may pay for, from those that may name or make a stored object. An
 * object belongs to the key that made it, so the latter all go with the first key of the first provider. Stands behind the
 * step that reads the body. Stateless and thread-safe.
 */
public final class StandsAlone implements Processor {

    private static final Set<String> ALONE = Set.of("/v1/chat/completions", "/v1/completions", "/v1/embeddings",
            "/v1/messages");
    private static final String RESPONSES = "/v1/responses";

    /** Whether the body of a request to this path names its model. */
    static boolean namesModel(@Nullable String path) {
        return path != null && (ALONE.contains(path) || path.equals(RESPONSES));
    }

    @Override
    public void process(Exchange exchange) {
        var call = ClientCall.of(exchange);
        var path = call.request().path();
        call.standsAlone(call.request().method().name().equals("POST") && path != null
                && (ALONE.contains(path) || path.equals(RESPONSES) && call.storesNothing()));
    }
}
