package dev.sidecar.boot;

import dev.sidecar.config.CircuitBreakerProperties;
import dev.sidecar.config.ProviderSettings;
import dev.sidecar.config.Secret;
import dev.sidecar.config.SettingsInForce;
import dev.sidecar.config.SidecarProperties;
import dev.sidecar.config.UpstreamAddress;
import dev.sidecar.configfile.ConfigAtStart;
import dev.sidecar.ops.ClockThread;
import dev.sidecar.ops.KeyWatch;
import dev.sidecar.ops.Probes;
import dev.sidecar.providers.AccountLimit;
import dev.sidecar.providers.AuthForm;
import dev.sidecar.providers.Circuits;
import dev.sidecar.providers.ModelMap;
import dev.sidecar.providers.Provider;
import dev.sidecar.providers.ProviderKey;
import dev.sidecar.providers.Providers;
import dev.sidecar.providers.ProvidersInForce;
import dev.sidecar.route.KeyChoice;
import dev.sidecar.route.OpenCircuit;
import dev.sidecar.route.ProviderBreaker;
import dev.sidecar.simulator.DemoProvider;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.traffic.Evidences;
import dev.sidecar.upstream.UpstreamClient;
import dev.sidecar.upstream.limits.RateLimitReader;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
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
        var simulated = demo.getIfAvailable();
        if (simulated != null && !simulated.keys().isEmpty()) {
            return new ProvidersInForce(simulated(settings.provider(), simulated));
        }
        return new ProvidersInForce(Providers.single(settings.provider(), addressIn(settings, simulated),
                settings.apiKey(), settings.rateRpm(), settings.rateTpm()));
    }

    /** The simulated provider with its several keys, which are no secrets. */
    private static Providers simulated(String name, DemoProvider provider) {
        return new Providers(List.of(new Provider(name, new UpstreamAddress(provider.baseUrl()), AuthForm.BEARER,
                provider.keys().stream()
                        .map(each -> new ProviderKey(each.value(), new Secret(each.value()), each.value()))
                        .toList(),
                provider.keys().stream().map(each -> new AccountLimit(each.value(), each.limit(), each.tpm())).toList(),
                ModelMap.EVERYTHING, Duration.ZERO)));
    }

    private static UpstreamAddress addressIn(SidecarProperties settings, @Nullable DemoProvider simulated) {
        if (simulated != null) {
            return new UpstreamAddress(simulated.baseUrl());
        }
        UpstreamAddress.requireKey(settings);
        return UpstreamAddress.of(settings);
    }

    /** Whether the keys say their rates, in the file or for the simulated provider; otherwise that of the one key is a setting. */
    static boolean haveOwnRates(ConfigAtStart config, Providers providers) {
        return config.providers().isPresent() || providers.keyCount() > 1;
    }

    /** Puts another limit of the one key in force, where it is a setting. */
    static void limit(ProvidersInForce providers, ConfigAtStart config, int rateRpm) {
        if (!haveOwnRates(config, providers.get())) {
            var only = providers.get().first();
            providers.put(Providers.single(only.name(), only.address(), only.keys().getFirst().secret(), rateRpm,
                    only.accounts().getFirst().rateTpm()));
        }
    }

    @Bean(destroyMethod = "shutdown")
    UpstreamClient upstreamClient(SettingsInForce settings) {
        return new UpstreamClient(settings::requestTimeout);
    }

    @Bean
    Probes probes(UpstreamClient client, ProvidersInForce providers, Evidences evidences, ClockThread clockThread,
            NanoClock clock) {
        var probes = new Probes(client, evidences, clock);
        probes.providers(providers.get());
        clockThread.every(Probes.EVERY, probes::look);
        return probes;
    }

    @Bean
    Evidences evidences(ProvidersInForce providers, NanoClock clock) {
        var evidences = new Evidences(clock, InstantSource.system());
        evidences.keys(keysOf(providers.get()));
        return evidences;
    }

    static List<Evidences.Id> keysOf(Providers providers) {
        return providers.all().stream()
                .flatMap(each -> each.keys().stream().map(key -> new Evidences.Id(each.name(), key.name()))).toList();
    }

    @Bean
    KeyWatch keyWatch(Throttle<Exchange> throttle, Probes probes, Evidences evidences, ClockThread clockThread,
            NanoClock clock) {
        var watch = new KeyWatch(throttle, probes::askNow, Thread::startVirtualThread, clock);
        evidences.whenKeyChanges(watch::changed);
        clockThread.every(KeyWatch.EVERY, watch::look);
        return watch;
    }

    @Bean
    RateLimitReader rateLimitReader() {
        return new RateLimitReader(InstantSource.system());
    }

    /** Here and not in the route, so that their state outlives a change of the routes. */
    @Bean
    Circuits circuits(ProvidersInForce providers, CircuitBreakerProperties circuit, RateLimitReader reader,
            NanoClock clock) {
        return new Circuits(providers, name -> ProviderBreaker.create(name, circuit, reader, clock, Instant.now()));
    }

    @Bean
    CircuitBreaker providerBreaker(Circuits circuits) {
        return circuits.ofThisThread();
    }

    @Bean
    OpenCircuit openCircuit(Circuits circuits, CircuitBreakerProperties circuit, Throttle<Exchange> throttle,
            NanoClock clock) {
        return new OpenCircuit(circuits, circuit.openFor(), throttle, clock);
    }

    @Bean
    KeyChoice keyChoice(ProvidersInForce providers, Circuits circuits) {
        return new KeyChoice(providers, circuits);
    }
}
