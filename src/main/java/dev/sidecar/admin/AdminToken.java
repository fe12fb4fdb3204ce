package dev.sidecar.admin;

import dev.sidecar.http.RequestRefusedException;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Step of a route: lets only administrators continue. Thread-safe. */
public final class AdminToken implements Processor {

    private final TokenRule rule;
    private final Audit audit;

    public AdminToken(TokenRule rule, Audit audit) {
        this.rule = rule;
        this.audit = audit;
    }

    @Override
    public void process(Exchange exchange) {
        var request = SameSite.requestOf(exchange);
        var address = request.remoteAddress().hostAddress();
        if (rule.byBearer(request.getHeader("Authorization"),
                address) instanceof Access.Denied(var error, var retryAfter)) {
            audit.denied(address, error);
            throw new RequestRefusedException(error, retryAfter);
        }
    }
}
