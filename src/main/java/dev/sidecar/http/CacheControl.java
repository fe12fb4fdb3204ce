package dev.sidecar.http;

import io.vertx.core.http.HttpServerResponse;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

/**
 * The caching rule for one of the sidecar's own responses (RFC 9111 §5.2.2). It is set on the response itself, because
 * Camel's header filter keeps a message's {@code Cache-Control} from the client.
 */
public enum CacheControl {

    /** Valid only now, or only for one reader: no cache keeps it. */
    NO_STORE("no-store"),
    /** A cache may keep it, but must ask for it again each time. */
    NO_CACHE("no-cache");

    private static final String FIELD = "Cache-Control";

    private final String directive;

    CacheControl(String directive) {
        this.directive = directive;
    }

    public void on(HttpServerResponse response) {
        response.putHeader(FIELD, directive);
    }

    /** @throws IllegalStateException when the exchange did not come in by HTTP */
    public void on(Exchange exchange) {
        if (!(exchange.getMessage() instanceof HttpMessage message)) {
            throw new IllegalStateException("no response to set " + FIELD + " on");
        }
        on(message.getRequest().response());
    }
}
