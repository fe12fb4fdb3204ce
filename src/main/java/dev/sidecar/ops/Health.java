package dev.sidecar.ops;

import dev.sidecar.fleet.FleetStatus;
import dev.sidecar.fleet.FleetStatus.Mode;
import dev.sidecar.http.JsonResponse;
import dev.sidecar.reload.RoutesReport;
import dev.sidecar.state.StateReport;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * {@code GET /health}: the process is alive. A refused folder of routes is only a warning: the routes in force
 * continue. So is a folder of state that cannot be written, and a replica that is not led by its
 * fleet. Thread-safe.
 */
public final class Health implements Processor {

    private final Uptime uptime;
    private final Supplier<RoutesReport> routes;
    private final Supplier<Optional<StateReport>> folder;
    private final Supplier<Optional<FleetStatus>> fleet;
    private final String version;

    /**
     * @param folder of what outlives a restart
     * @param fleet nothing for a sidecar without a fleet
     */
    public Health(Uptime uptime, Supplier<RoutesReport> routes, Supplier<Optional<StateReport>> folder,
            Supplier<Optional<FleetStatus>> fleet, String version) {
        this.uptime = uptime;
        this.routes = routes;
        this.folder = folder;
        this.fleet = fleet;
        this.version = version;
    }

    @Override
    public void process(Exchange exchange) {
        JsonResponse.set(exchange, 200,
                new Answer("ok", uptime.seconds(), version, word(routes.get().isCurrent()),
                        folder.get().map(report -> word(report.isWritten())).orElse("off"),
                        fleet.get().map(status -> word(status.mode() == Mode.SHARED)).orElse("off")));
    }

    private static String word(boolean good) {
        return good ? "ok" : "warning";
    }

    record Answer(String status, double uptime, String version, String routes, String state, String fleet) {
    }
}
