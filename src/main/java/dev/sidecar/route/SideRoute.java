package dev.sidecar.route;

import java.util.Map;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.ProducerTemplate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A route that counts or logs what happened elsewhere, and on which nobody depends: what goes wrong in it is noted and
 * forgotten. What it counts by are exchange properties, since the component that counts obeys some message headers.
 * Thread-safe.
 */
public final class SideRoute {

    private static final Logger LOG = LoggerFactory.getLogger(SideRoute.class);

    private final Supplier<CamelContext> context;
    private final String uri;
    private volatile @Nullable Target target;

    /**
     * @param context that of the routes in force, asked for with each message: some who send here are there before Camel is
     * @param name of the route's {@code direct} endpoint
     */
    public SideRoute(Supplier<CamelContext> context, String name) {
        this.context = context;
        // Where the route has been taken away, nobody waits for it.
        this.uri = "direct:" + name + "?failIfNoConsumers=false&block=false";
    }

    /** Returns when the route is through. */
    void send(@Nullable Object body, Map<String, String> properties) {
        try {
            var to = target();
            var sent = to.template.send(to.endpoint, exchange -> {
                exchange.getMessage().setBody(body);
                properties.forEach(exchange::setProperty);
            });
            if (sent.getException() != null) {
                failed(sent.getException());
            }
        } catch (RuntimeException e) {
            failed(e); // as when Camel is stopping
        }
    }

    private void failed(Exception why) {
        LOG.warn("{} failed: {}", uri, why.getClass().getName());
    }

    /** Made twice when two come first: the one is as good as the other. */
    private Target target() {
        var known = target;
        var camel = context.get();
        if (known == null || !known.camel.equals(camel)) {
            known = new Target(camel, camel.createProducerTemplate(), camel.getEndpoint(uri));
            target = known;
        }
        return known;
    }

    private record Target(CamelContext camel, ProducerTemplate template, Endpoint endpoint) {
    }
}
