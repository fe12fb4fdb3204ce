package dev.sidecar.boot;

import dev.sidecar.clients.Client;
import dev.sidecar.clients.Clients;
import dev.sidecar.clients.ClientsInForce;
import dev.sidecar.config.SettingsInForce;
import dev.sidecar.config.SidecarProperties;
import dev.sidecar.configfile.ConfigAtStart;
import dev.sidecar.configfile.ConfigInForce;
import dev.sidecar.configfile.ConfigReloader;
import dev.sidecar.files.WatchPace;
import dev.sidecar.ops.ClientGauges;
import dev.sidecar.ops.KeyGauges;
import dev.sidecar.ops.KeyWatch;
import dev.sidecar.ops.Probes;
import dev.sidecar.ops.ProviderMeters;
import dev.sidecar.providers.Circuits;
import dev.sidecar.providers.Provider;
import dev.sidecar.providers.Providers;
import dev.sidecar.providers.ProvidersInForce;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.traffic.ClientMeters;
import dev.sidecar.traffic.Evidences;
import dev.sidecar.traffic.Timings;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.core.env.Profiles;

/** The file {@code SIDECAR_CONFIG}, and who uses it. */
@Configuration(proxyBeanMethods = false)
class ConfigFileConfiguration {

    @Bean
    ConfigAtStart configAtStart(SidecarProperties settings, Environment environment) {
        // A check of the routes needs neither clients nor keys.
        return environment.acceptsProfiles(Profiles.of(CheckRoutes.PROFILE))
                ? ConfigAtStart.NONE
                : settings.configFile().map(ConfigAtStart::read).orElse(ConfigAtStart.NONE);
    }

    @Bean
    ClientsInForce clientsInForce() {
        return new ClientsInForce();
    }

    @Bean
    ConfigInForce configInForce(ConfigAtStart start, ProviderUsers providers, Throttle<Exchange> throttle,
            ClientsInForce inForce, ClientMeters meters, ClientGauges gauges, ObjectProvider<FleetInUse> fleet) {
        return new ConfigInForce(start, List.of(config -> {
            if (config.providers() != null) {
                providers.put(config.providers());
            }
        }, config -> {
            var clients = Clients.of(config.clients(), config.anonymous());
            throttle.clients(clients.all().stream().map(Client::policy).toList());
            meters.clients(namesInMetrics(clients));
            gauges.clients(namesInMetrics(clients));
            inForce.put(clients);
        }, _ -> fleet.ifAvailable(FleetInUse::settingsChanged)), Clock.systemUTC());
    }

    /** Puts other providers in force, everywhere. */
    @Bean
    ProviderUsers providerUsers(ProvidersInForce inForce, Evidences evidences, Probes probes, Circuits circuits,
            Timings timings, KeyGauges keyGauges, ProviderMeters providerMeters, Throttle<Exchange> throttle,
            KeyWatch keyWatch, LanesInForce lanes, SettingsInForce live, SidecarProperties settings) {
        return providers -> {
            var renewed = RenewedKeys.between(inForce.get(), providers);
            renewed.forEach(evidences::forget);
            evidences.keys(UpstreamConfiguration.keysOf(providers));
            probes.providers(providers);
            providers.all().forEach(each -> circuits.of(each.name()));
            timings.providers(providers.all().stream().map(Provider::name).toList());
            keyGauges.providers(providers);
            providerMeters.providers(providers);
            keyWatch.keys(evidences.all());
            lanes.providers(providers, () -> live.get().forThrottle(settings.pacing()));
            renewed.forEach(key -> throttle.keyAccepted(key.key(), true));
        };
    }

    /** Puts providers in force. */
    @FunctionalInterface
    interface ProviderUsers {

        void put(Providers providers);
    }

    /** With that of those who are refused because nobody knows them. */
    private static Set<String> namesInMetrics(Clients clients) {
        return Stream.concat(clients.all().stream(), Stream.of(Client.ANYBODY)).map(Client::name)
                .collect(Collectors.toUnmodifiableSet());
    }

    @Bean(destroyMethod = "") // see CamelStartup
    ConfigReloader configReloader(ConfigInForce inForce, ObjectProvider<WatchPace> pace, NanoClock clock) {
        return new ConfigReloader(inForce, pace.getIfAvailable(() -> WatchPace.PRODUCTION), clock);
    }
}
