package dev.sidecar.boot;

import dev.sidecar.admin.GuessMeters;
import dev.sidecar.admin.Guesses;
import dev.sidecar.configfile.ConfigInForce;
import dev.sidecar.configfile.ConfigMeters;
import dev.sidecar.configfile.ConfigReloader;
import dev.sidecar.ops.CamelRouteMeters;
import dev.sidecar.ops.ClientGauges;
import dev.sidecar.ops.ConditionGauges;
import dev.sidecar.ops.Conditions;
import dev.sidecar.ops.KeyGauges;
import dev.sidecar.ops.Probes;
import dev.sidecar.ops.ProviderMeters;
import dev.sidecar.ops.ProviderStates;
import dev.sidecar.ops.ThrottleGauges;
import dev.sidecar.ops.TrafficMeters;
import dev.sidecar.ops.WholeQueue;
import dev.sidecar.providers.Circuits;
import dev.sidecar.providers.Provider;
import dev.sidecar.providers.ProvidersInForce;
import dev.sidecar.reload.ReloadMeters;
import dev.sidecar.reload.RouteReloader;
import dev.sidecar.reload.RoutesInForce;
import dev.sidecar.route.AttemptMetrics;
import dev.sidecar.route.ProviderLogs;
import dev.sidecar.route.RequestLog;
import dev.sidecar.route.SideRoute;
import dev.sidecar.route.WhenCompleted;
import dev.sidecar.state.StateMeters;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.order.ClientPolicy;
import dev.sidecar.traffic.ClientMeters;
import dev.sidecar.traffic.Evidences;
import dev.sidecar.traffic.Timings;
import dev.sidecar.traffic.Traffic;
import io.github.resilience4j.micrometer.tagged.TaggedRateLimiterMetrics;
import io.github.resilience4j.ratelimiter.RateLimiterRegistry;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import java.util.List;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.BuildProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.function.SingletonSupplier;

/** What is measured and logged. The names of the beans that are processors are the names that the YAML routes use. */
@Configuration(proxyBeanMethods = false)
class MetricsConfiguration {

    @Bean
    Timings timings(MeterRegistry registry, ProvidersInForce providers) {
        var timings = new Timings(registry);
        timings.providers(providers.get().all().stream().map(Provider::name).toList());
        return timings;
    }

    @Bean
    ClientGauges clientGauges(Throttle<?> throttle, NanoClock clock, MeterRegistry registry) {
        var gauges = new ClientGauges(throttle, clock, registry);
        gauges.clients(List.of(ClientPolicy.ANONYMOUS.name()));
        return gauges;
    }

    @Bean
    ClientMeters clientMeters(MeterRegistry registry) {
        var meters = new ClientMeters(registry);
        meters.clients(List.of(ClientPolicy.ANONYMOUS.name()));
        return meters;
    }

    @Bean
    ThrottleGauges throttleGauges(Throttle<?> throttle, NanoClock clock) {
        return new ThrottleGauges(throttle, clock);
    }

    @Bean
    ConditionGauges conditionGauges(Conditions conditions, WholeQueue queue, NanoClock clock) {
        return new ConditionGauges(conditions, queue, clock);
    }

    @Bean
    KeyGauges keyGauges(ProviderStates states, ProvidersInForce providers, Throttle<?> throttle, NanoClock clock,
            MeterRegistry registry) {
        var gauges = new KeyGauges(states, throttle, clock, registry);
        gauges.providers(providers.get());
        return gauges;
    }

    @Bean
    ProviderMeters providerMeters(ProviderStates states, ProvidersInForce providers, NanoClock clock,
            MeterRegistry registry) {
        var meters = new ProviderMeters(states, clock, registry);
        meters.providers(providers.get());
        return meters;
    }

    @Bean
    TrafficMeters trafficMeters(Traffic traffic, ObjectProvider<BuildProperties> build) {
        var properties = build.getIfAvailable();
        return new TrafficMeters(traffic, properties == null ? "development" : properties.getVersion());
    }

    @Bean
    GuessMeters guessMeters(Guesses guesses) {
        return new GuessMeters(guesses);
    }

    /** Of the limiters that slow down who guesses tokens: {@code resilience4j_ratelimiter_available_permissions}. */
    @Bean
    TaggedRateLimiterMetrics guessLimiterMeters(RateLimiterRegistry guessLimiters) {
        return TaggedRateLimiterMetrics.ofRateLimiterRegistry(guessLimiters);
    }

    @Bean
    CamelRouteMeters camelRouteMeters(MeterRegistry registry) {
        return new CamelRouteMeters(registry);
    }

    @Bean
    ReloadMeters reloadMeters(RoutesInForce routes, RouteReloader reloader) {
        return new ReloadMeters(routes, reloader);
    }

    @Bean
    ConfigMeters configMeters(ConfigInForce config, ConfigReloader reloader) {
        return new ConfigMeters(config, reloader);
    }

    @Bean
    StateMeters stateMeters(StateInUse state) {
        return new StateMeters(state::report);
    }

    /**
     * Camel's micrometer component tags each meter with its context's name. Each change of the routes has a context of its own,
     * so each would begin new series, and our counters would be others than those that are registered from the start.
     */
    @Bean
    MeterFilter withoutCamelContext() {
        return MeterFilter.ignoreTags("camelContext");
    }

    // ---- what the routes name ----

    @Bean
    WhenCompleted whenCompleted(ObjectProvider<RoutesInForce> routes, Traffic traffic, ProvidersInForce providers,
            NanoClock clock) {
        return new WhenCompleted(new SideRoute(contextInForce(routes), "completed"), traffic.refusals(), providers,
                clock);
    }

    @Bean
    RequestLog requestLog(ProvidersInForce providers) {
        return new RequestLog(providers);
    }

    @Bean
    AttemptMetrics attempts(ObjectProvider<RoutesInForce> routes, Timings timings, Traffic traffic, ProviderLogs logs,
            Evidences evidences, Probes probes) {
        return new AttemptMetrics(new SideRoute(contextInForce(routes), "upstream-error"), timings, traffic, logs,
                evidences, probes::askSoon);
    }

    @Bean
    ProviderLogs providerLogs(Circuits circuits, NanoClock clock) {
        return new ProviderLogs(circuits, clock);
    }

    /** Looked up once: a search among all beans is worth avoiding in each request. */
    private static Supplier<CamelContext> contextInForce(ObjectProvider<RoutesInForce> routes) {
        var known = SingletonSupplier.of(routes::getObject);
        return () -> known.obtain().context();
    }
}
