package dev.sidecar.boot;

import dev.sidecar.clients.ClientsInForce;
import dev.sidecar.configfile.ConfigAtStart;
import dev.sidecar.config.SettingsInForce;
import dev.sidecar.config.SidecarProperties;
import dev.sidecar.fleet.Fleet;
import dev.sidecar.fleet.FleetMeters;
import dev.sidecar.fleet.FleetSettings;
import dev.sidecar.fleet.HostName;
import dev.sidecar.fleet.redis.RedisLink;
import dev.sidecar.ingress.InFlightRequests;
import dev.sidecar.providers.ProvidersInForce;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import io.micrometer.core.instrument.MeterRegistry;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.core.env.Profiles;

/** One queue and one budget with other replicas. Without {@code SIDECAR_REDIS_URL} nothing is made, and nothing of Redis is loaded. */
@Configuration(proxyBeanMethods = false)
class FleetConfiguration {

    private static final Logger LOG = LoggerFactory.getLogger(FleetConfiguration.class);

    @Bean(destroyMethod = "") // see Shutdown
    FleetInUse fleetInUse(SidecarProperties settings, Throttle<Exchange> throttle, SettingsInForce live,
            ProvidersInForce providers, ClientsInForce clients, ConfigAtStart config, InFlightRequests intake,
            NanoClock clock, MeterRegistry registry, Environment environment) {
        if (environment.acceptsProfiles(Profiles.of(CheckRoutes.PROFILE))) {
            return FleetInUse.NONE;
        }
        var fleet = FleetSettings.of(settings, HostName::get);
        if (fleet.isEmpty()) {
            FleetMeters.single(registry);
            return FleetInUse.NONE;
        }
        return start(fleet.get(), settings, throttle, live, providers, clients, config, intake, clock,
                new FleetMeters(registry));
    }

    private static FleetInUse start(FleetSettings fleet, SidecarProperties settings, Throttle<Exchange> throttle,
            SettingsInForce live, ProvidersInForce providers, ClientsInForce clients, ConfigAtStart config,
            InFlightRequests intake, NanoClock clock, FleetMeters meters) {
        var memory = new FleetMemory(settings.stateFolder(), fleet.replica(), clock);
        var home = new FleetHome(memory.home(), fleet.replica(), providers,
                UpstreamConfiguration.haveOwnRates(config, providers.get()), live, throttle, intake, memory::keep);
        var link = new RedisLink(fleet.named(memory.home()));
        link.warning().ifPresent(warning -> LOG.atWarn().addKeyValue("note", warning).log("redis_url"));
        var all = new Fleet<>(home, throttle, memory.tables(),
                new FleetRules(live, settings.pacing(), providers, clients),
                link, link::lastRoundTrip, meters, clock);
        meters.show(all::status);
        all.start();
        return new FleetInUse(all);
    }
}
