package dev.sidecar.route;

import org.apache.camel.Exchange;
import org.apache.hc.core5.http.Header;
import org.jspecify.annotations.Nullable;

/** The key of another upstream than the provider, as a route gives it for one request. Stateless. */
final class RouteApiKey {

    private RouteApiKey() {
    }

    /** Null when the route gave none. It is gone from the exchange then, so that no later step can show it. */
    static @Nullable Header takeFrom(Exchange exchange) {
        var key = exchange.getProperty(OtherUpstreamRequest.API_KEY, String.class);
        exchange.removeProperty(OtherUpstreamRequest.API_KEY);
        return key == null || key.isBlank() ? null : OutgoingRequest.authorization(key.strip());
    }
}
