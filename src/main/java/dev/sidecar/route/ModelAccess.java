package dev.sidecar.route;

import dev.sidecar.call.ClientCall;
import io.vertx.core.http.HttpServerRequest;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Refuses requests for models that the client may not use, and those whose model cannot be told. Stands behind the steps that
 * read the client and the body. Stateless and thread-safe.
 */
public final class ModelAccess implements Processor {

    @Override
    public void process(Exchange exchange) {
        var call = ClientCall.of(exchange);
        var client = call.client();
        client.models().refusal(call.request().method().name(), path(call.request()), call.onlyModel())
                .ifPresent(why -> {
                    throw RefusedRequests.modelNotAllowed(client.name(), why);
                });
    }

    private static String path(HttpServerRequest request) {
        return request.path() == null ? "" : request.path();
    }
}
