package dev.sidecar.boot;

import dev.sidecar.config.CircuitBreakerProperties;
import dev.sidecar.config.Secret;
import dev.sidecar.config.ProviderSettings;
import dev.sidecar.config.SettingsInForce;
import dev.sidecar.config.SidecarProperties;
import dev.sidecar.config.UpstreamAddress;
import dev.sidecar.configfile.ConfigAtStart;
import dev.sidecar.ops.UpstreamProbe;
import dev.sidecar.providers.Providers;
import dev.sidecar.providers.ProvidersInForce;
import dev.sidecar.route.OpenCircuit;
import dev.sidecar.route.ProviderBreaker;
import dev.sidecar.simulator.DemoProvider;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.traffic.UpstreamEvidence;
import dev.sidecar.upstream.UpstreamClient;
import dev.sidecar.upstream.limits.RateLimitReader;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.time.Instant;
import java.time.InstantSource;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** The upstream: its address and client, what it says, and the circuit to it. */
@Configuration(proxyBeanMethods = false)
class UpstreamConfiguration {

    /** Made of the file before it is put in force, because what is made at the start asks for the first of them. */
    @Bean
    ProvidersInForce providersInForce(ConfigAtStart config, SidecarProperties settings, Environment environment,
            ObjectProvider<DemoProvider> demo) {
        var ofTheFile = config.providers();
        if (ofTheFile.isPresent()) {
            ProviderSettings.requireNoneBeside(settings.configFile().orElseThrow(), environment);
            return new ProvidersInForce(ofTheFile.get());
        }
        return new ProvidersInForce(Providers.single(settings.provider(), addressIn(settings, demo.getIfAvailable()),
                settings.apiKey(), settings.rateRpm()));
    }

    private static UpstreamAddress addressIn(SidecarProperties settings, @Nullable DemoProvider simulated) {
        if (simulated != null) {
            return new UpstreamAddress(simulated.baseUrl());
        }
        UpstreamAddress.requireKey(settings);
        return UpstreamAddress.of(settings);
    }

    /** Puts another limit of the one key in force, where it is a setting. */
    static void limit(ProvidersInForce providers, ConfigAtStart config, int rateRpm) {
        if (config.providers().isEmpty()) {
            var only = providers.get().first();
            providers.put(Providers.single(only.name(), only.address(), only.keys().getFirst().secret(), rateRpm));
        }
    }

    @Bean
    UpstreamAddress upstreamAddress(ProvidersInForce providers) {
        return providers.get().first().address();
    }

    @Bean(destroyMethod = "shutdown")
    UpstreamClient upstreamClient(SettingsInForce settings) {
        return new UpstreamClient(settings::requestTimeout);
    }

    @Bean
    UpstreamProbe upstreamProbe(UpstreamClient client, UpstreamAddress address, ProvidersInForce providers,
            UpstreamEvidence evidence, NanoClock clock) {
        return new UpstreamProbe(client, address.baseUrl(), key(providers), evidence, clock);
    }

    @Bean
    UpstreamEvidence upstreamEvidence(ProvidersInForce providers, NanoClock clock) {
        return new UpstreamEvidence(keyName(providers), clock, InstantSource.system());
    }

    @Bean
    RateLimitReader rateLimitReader() {
        return new RateLimitReader(InstantSource.system());
    }

    /** Here and not in the route, so that its state outlives a change of the routes. */
    @Bean
    CircuitBreaker providerBreaker(CircuitBreakerProperties circuit, RateLimitReader reader, NanoClock clock) {
        return ProviderBreaker.create(circuit, reader, clock, Instant.now());
    }

    @Bean
    OpenCircuit openCircuit(CircuitBreaker breaker, CircuitBreakerProperties circuit, Throttle<Exchange> throttle,
            NanoClock clock) {
        return new OpenCircuit(breaker, circuit.openFor(), throttle, clock);
    }

    /** Until the key is chosen at the grant, every request goes on the first one. */
    static String keyName(ProvidersInForce providers) {
        return providers.get().first().keys().getFirst().name();
    }

    static @Nullable String key(ProvidersInForce providers) {
        Secret key = providers.get().first().keys().getFirst().secret();
        return key == null ? null : key.reveal();
    }
}
