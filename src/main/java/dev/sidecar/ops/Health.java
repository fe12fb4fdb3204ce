package dev.sidecar.ops;

import dev.sidecar.http.JsonResponse;
import dev.sidecar.reload.RoutesReport;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * {@code GET /health}: the process is alive. A refused folder of routes is only a warning: the routes in force
 * continue. Thread-safe.
 */
public final class Health implements Processor {

    private final Uptime uptime;
    private final Supplier<RoutesReport> routes;
    private final String version;

    public Health(Uptime uptime, Supplier<RoutesReport> routes, String version) {
        this.uptime = uptime;
        this.routes = routes;
        this.version = version;
    }

    @Override
    public void process(Exchange exchange) {
        JsonResponse.set(exchange, 200,
                new Answer("ok", uptime.seconds(), version, routes.get().isCurrent() ? "ok" : "warning"));
    }

    record Answer(String status, double uptime, String version, String routes) {
    }
}
