package dev.sidecar.admin;

import java.util.function.Predicate;
import org.apache.camel.Exchange;

/** Whether the sender of a request may see who the clients are. Thread-safe. */
public final class SeesClients implements Predicate<Exchange> {

    private final TokenRule rule;

    public SeesClients(TokenRule rule) {
        this.rule = rule;
    }

    @Override
    public boolean test(Exchange exchange) {
        var request = SameSite.requestOf(exchange);
        return rule.mayNameClients(request.getHeader("Authorization"), request.remoteAddress().hostAddress());
    }
}
