package dev.sidecar.route;

import dev.sidecar.call.ClientCall;
import dev.sidecar.http.CacheControl;
import dev.sidecar.http.JsonResponse;
import dev.sidecar.http.RequestIds;
import dev.sidecar.providers.ModelListCache;
import dev.sidecar.providers.ModelMap;
import dev.sidecar.providers.Providers;
import dev.sidecar.providers.ProvidersInForce;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Where there are several providers, or other names for their models, responds to {@code GET /v1/models} and ends the way of
 * the request; lets everything else pass. The response has the models of all providers that this client may use, in the names
 * that it uses. Stands behind the step that reads the client. Waits for the providers, at most some seconds, if their lists are old. Thread-safe.
 */
public final class ModelListResponse implements Processor {

    private static final String MODELS = "/v1/models";
    private static final Set<String> READING = Set.of("GET", "HEAD");

    private final ProvidersInForce inForce;
    private final ModelListCache lists;

    public ModelListResponse(ProvidersInForce inForce, ModelListCache lists) {
        this.inForce = inForce;
        this.lists = lists;
    }

    @Override
    public void process(Exchange exchange) throws InterruptedException {
        var call = ClientCall.of(exchange);
        var providers = inForce.get();
        if (READING.contains(call.request().method().name()) && MODELS.equals(call.request().path())
                && !isTheProvidersOwn(providers)) {
            respond(exchange, call, providers);
            exchange.setRouteStop(true);
        }
    }

    /** One provider lists what it serves, in its names. */
    private static boolean isTheProvidersOwn(Providers providers) {
        return providers.all().size() == 1 && providers.first().models().equals(ModelMap.EVERYTHING);
    }

    private void respond(Exchange exchange, ClientCall call, Providers providers) throws InterruptedException {
        byte[] json;
        try {
            json = JsonResponse.bytes(lists.list(providers, call.client().models()::allows));
        } catch (IOException e) {
            throw RefusedRequests.noModelList(providers.first().name(), e);
        }
        // The message's headers are the client's own: Camel would send them back to it.
        var response = call.response();
        if (!response.ended() && !response.closed()) {
            call.statusSent(200);
            response.putHeader("Content-Type", "application/json").putHeader(RequestIds.HEADER, call.requestId());
            CacheControl.NO_STORE.on(response);
            response.end(Buffer.buffer(json));
        }
        exchange.getMessage().setBody(null);
    }
}
