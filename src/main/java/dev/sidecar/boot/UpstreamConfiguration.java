package dev.sidecar.boot;

import dev.sidecar.config.CircuitBreakerProperties;
import dev.sidecar.config.Secret;
import dev.sidecar.config.SettingsInForce;
import dev.sidecar.config.SidecarProperties;
import dev.sidecar.config.UpstreamAddress;
import dev.sidecar.ops.UpstreamProbe;
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

/** The upstream: its address and client, what it says, and the circuit to it. */
@Configuration(proxyBeanMethods = false)
class UpstreamConfiguration {

    @Bean
    UpstreamAddress upstreamAddress(SidecarProperties settings, ObjectProvider<DemoProvider> demo) {
        var simulated = demo.getIfAvailable();
        if (simulated != null) {
            return new UpstreamAddress(simulated.baseUrl());
        }
        UpstreamAddress.requireKey(settings);
        return UpstreamAddress.of(settings);
    }

    @Bean(destroyMethod = "shutdown")
    UpstreamClient upstreamClient(SettingsInForce settings) {
        return new UpstreamClient(settings::requestTimeout);
    }

    @Bean
    UpstreamProbe upstreamProbe(UpstreamClient client, UpstreamAddress address, SidecarProperties settings,
            UpstreamEvidence evidence, NanoClock clock) {
        return new UpstreamProbe(client, address.baseUrl(), key(settings), evidence, clock);
    }

    @Bean
    UpstreamEvidence upstreamEvidence(SidecarProperties settings, NanoClock clock) {
        return new UpstreamEvidence(keyName(settings), clock, InstantSource.system());
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

    /** Until keys have names of their own, the one that there is has the provider's. */
    static String keyName(SidecarProperties settings) {
        return settings.provider();
    }

    static @Nullable String key(SidecarProperties settings) {
        Secret key = settings.apiKey();
        return key == null ? null : key.reveal();
    }
}
