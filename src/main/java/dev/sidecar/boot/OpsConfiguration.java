package dev.sidecar.boot;

import dev.sidecar.admin.SeesClients;
import dev.sidecar.admin.TokenRule;
import dev.sidecar.config.SettingsInForce;
import dev.sidecar.config.SidecarProperties;
import dev.sidecar.configfile.ConfigInForce;
import dev.sidecar.http.HostNames;
import dev.sidecar.ingress.InFlightRequests;
import dev.sidecar.ops.ClockThread;
import dev.sidecar.ops.Conditions;
import dev.sidecar.ops.DashboardAssets;
import dev.sidecar.ops.Health;
import dev.sidecar.ops.History;
import dev.sidecar.ops.Probes;
import dev.sidecar.ops.ProviderStates;
import dev.sidecar.ops.Readiness;
import dev.sidecar.ops.SnapshotFeed;
import dev.sidecar.ops.SnapshotStream;
import dev.sidecar.ops.Status;
import dev.sidecar.ops.Topology;
import dev.sidecar.ops.Uptime;
import dev.sidecar.ops.WholeQueue;
import dev.sidecar.providers.Circuits;
import dev.sidecar.providers.ProvidersInForce;
import dev.sidecar.reload.RoutesInForce;
import dev.sidecar.route.OpenCircuit;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.traffic.Evidences;
import dev.sidecar.traffic.Traffic;
import java.time.Clock;
import org.apache.camel.Exchange;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.BuildProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** What operators look at. */
@Configuration(proxyBeanMethods = false)
class OpsConfiguration {

    @Bean
    WholeQueue wholeQueue(Throttle<Exchange> throttle, FleetInUse fleet) {
        return new WholeQueue(throttle, fleet::view);
    }

    @Bean
    Health health(Uptime uptime, RoutesInForce routes, StateInUse state, FleetInUse fleet,
            ObjectProvider<BuildProperties> build) {
        var properties = build.getIfAvailable();
        return new Health(uptime, routes::report, state::report, fleet::status,
                properties == null ? "development" : properties.getVersion());
    }

    @Bean
    ProviderStates providerStates(ProvidersInForce providers, Circuits circuits, OpenCircuit circuit,
            Evidences evidences) {
        return new ProviderStates(providers, circuits, circuit::untilProbe, evidences);
    }

    @Bean
    Conditions conditions(ProviderStates providers, ObjectProvider<RoutesInForce> routes, ConfigInForce config,
            StateInUse state, FleetInUse fleet, InFlightRequests intake) {
        return new Conditions(providers, () -> routes.getObject().report(), config::report, state::report,
                fleet::status, intake::isClosed, Clock.systemUTC());
    }

    @Bean
    Readiness readiness(Probes upstream, WholeQueue queue, Conditions conditions) {
        return new Readiness(upstream, queue, conditions);
    }

    @Bean
    Status status(Uptime uptime, WholeQueue queue, Traffic traffic, ProviderStates providers,
            Conditions conditions, History history, ObjectProvider<RoutesInForce> routes, ConfigInForce config,
            FleetInUse fleet, SidecarProperties settings, SettingsInForce live, Environment environment,
            ObjectProvider<BuildProperties> build, TokenRule token) {
        return new Status(Clock.systemUTC(), uptime, queue, traffic, providers, conditions, history,
                () -> routes.getObject().report(), config::report, fleet::status, () -> deadlines(live),
                settings.heartbeat(), new SeesClients(token),
                () -> metricsPort(environment, settings), BuildConfiguration.versionOf(build));
    }

    private static History.Deadlines deadlines(SettingsInForce live) {
        var settings = live.get();
        return new History.Deadlines(settings.queueTimeout(), settings.lowPriorityTimeout());
    }

    /** The one that was picked where the setting is 0, once it is listened on. */
    static int metricsPort(Environment environment, SidecarProperties settings) {
        return environment.getProperty("local.server.port", Integer.class, settings.metricsPort());
    }

    @Bean
    ClockThread clockThread() {
        return new ClockThread();
    }

    @Bean
    History history(Throttle<Exchange> throttle, Traffic traffic, SettingsInForce live, ClockThread clockThread) {
        var history = new History(Clock.systemUTC(), throttle, traffic, () -> deadlines(live));
        clockThread.every(History.EVERY, history::sample);
        return history;
    }

    @Bean
    SnapshotFeed snapshotFeed(Status status, SidecarProperties settings, ClockThread clockThread, NanoClock clock) {
        // All viewers get the same, and away from this machine nobody has shown a token.
        var namesClients = HostNames.isLoopback(settings.host());
        return new SnapshotFeed(
                () -> SnapshotStream.event(namesClients ? status.snapshot() : status.snapshot().withoutClients()),
                clockThread, clock,
                SnapshotFeed.MOST_VIEWERS);
    }

    @Bean
    SnapshotStream snapshotStream(SnapshotFeed feed) {
        return new SnapshotStream(feed);
    }

    @Bean
    DashboardAssets dashboardAssets() {
        return new DashboardAssets();
    }

    @Bean
    Topology topology(RoutesInForce routes, ClockThread clockThread, NanoClock clock) {
        var topology = new Topology(routes::context, clock);
        clockThread.every(Topology.EVERY, () -> {
            if (routes.areThere()) { // a start may take long
                topology.sample();
            }
        });
        return topology;
    }
}
