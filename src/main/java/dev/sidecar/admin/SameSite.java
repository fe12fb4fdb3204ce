package dev.sidecar.admin;

import dev.sidecar.http.RequestRefusedException;
import io.vertx.core.http.HttpServerRequest;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

/** Step of a route: refuses requests from another site's page. Thread-safe. */
public final class SameSite implements Processor {

    private final SameSiteRule rule;

    public SameSite(SameSiteRule rule) {
        this.rule = rule;
    }

    @Override
    public void process(Exchange exchange) {
        var request = requestOf(exchange);
        var access = rule.check(request.getHeader("Host"), request.getHeader("Origin"),
                request.getHeader("Sec-Fetch-Site"), "navigate".equals(request.getHeader("Sec-Fetch-Mode")));
        if (access instanceof Access.Denied(var error, _)) {
            throw new RequestRefusedException(error);
        }
    }

    static HttpServerRequest requestOf(Exchange exchange) {
        if (exchange.getMessage() instanceof HttpMessage message) {
            return message.getRequest();
        }
        throw new IllegalStateException("this step belongs right after a platform-http consumer");
    }
}
