package dev.sidecar.boot;

import dev.sidecar.admin.AdminToken;
import dev.sidecar.admin.Audit;
import dev.sidecar.admin.ChangeConfig;
import dev.sidecar.admin.ConfigResponse;
import dev.sidecar.admin.Guesses;
import dev.sidecar.admin.ManagementErrors;
import dev.sidecar.admin.ManagementGuard;
import dev.sidecar.admin.SameSite;
import dev.sidecar.admin.SameSiteRule;
import dev.sidecar.admin.TokenRule;
import dev.sidecar.config.CircuitBreakerProperties;
import dev.sidecar.config.LogLevels;
import dev.sidecar.config.Secret;
import dev.sidecar.config.SettingsInForce;
import dev.sidecar.config.SidecarProperties;
import dev.sidecar.config.UpstreamAddress;
import dev.sidecar.ingress.InFlightRequests;
import dev.sidecar.ingress.IngressLimits;
import dev.sidecar.ingress.IngressServer;
import dev.sidecar.ingress.WebPageRule;
import dev.sidecar.ops.ClockThread;
import dev.sidecar.ops.Conditions;
import dev.sidecar.ops.DashboardAssets;
import dev.sidecar.ops.Health;
import dev.sidecar.ops.History;
import dev.sidecar.ops.Readiness;
import dev.sidecar.ops.SnapshotFeed;
import dev.sidecar.ops.SnapshotStream;
import dev.sidecar.ops.Status;
import dev.sidecar.ops.Topology;
import dev.sidecar.ops.UpstreamProbe;
import dev.sidecar.ops.Uptime;
import dev.sidecar.reload.RoutesInForce;
import dev.sidecar.route.AdaptiveThrottle;
import dev.sidecar.route.AttemptMetrics;
import dev.sidecar.route.ErrorResponse;
import dev.sidecar.route.HeaderPolicy;
import dev.sidecar.route.JsonBodyCheck;
import dev.sidecar.route.MirrorRequest;
import dev.sidecar.route.NoResponse;
import dev.sidecar.route.OpenCircuit;
import dev.sidecar.route.OtherUpstreamRequest;
import dev.sidecar.route.Passthrough;
import dev.sidecar.route.PrepareRequest;
import dev.sidecar.route.ProviderBreaker;
import dev.sidecar.route.Refuse;
import dev.sidecar.route.Relay;
import dev.sidecar.route.ResponseFeedback;
import dev.sidecar.route.RetryPolicy;
import dev.sidecar.route.TakeSlot;
import dev.sidecar.route.WhenCompleted;
import dev.sidecar.simulator.DemoProvider;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.traffic.Timings;
import dev.sidecar.traffic.Traffic;
import dev.sidecar.traffic.UpstreamEvidence;
import dev.sidecar.upstream.ResponseRelay;
import dev.sidecar.upstream.UpstreamClient;
import dev.sidecar.upstream.limits.RateLimitReader;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.ratelimiter.RateLimiterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import jakarta.validation.Validator;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.info.BuildProperties;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;

/** Puts the program together. The names of the beans that are processors are the names that the YAML routes use. */
@Configuration(proxyBeanMethods = false)
public class SidecarConfiguration {

    /** What is made at the start, needed or not: what is ours, and Camel. */
    @Bean
    static LazyInitializationExcludeFilter madeAtTheStart() {
        return (name, definition, type) -> Stream.of("dev.sidecar.", "org.apache.camel.")
                .anyMatch(type.getName()::startsWith);
    }

    @Bean
    NanoClock nanoClock() {
        return NanoClock.system();
    }

    @Bean
    Uptime uptime(NanoClock clock) {
        return new Uptime(clock);
    }

    /** One for the whole program. Its blocking work runs on virtual threads: see {@code relay.VirtualWorkers}. */
    @Bean
    public Vertx vertx() {
        return Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2).setPreferNativeTransport(true)
                // Not each second, for who is idle: an event loop that is stuck for long is still reported.
                .setBlockedThreadCheckInterval(10).setBlockedThreadCheckIntervalUnit(TimeUnit.SECONDS));
    }

    // ---- the upstream ----

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

    /** Until keys have names of their own, the one that there is has the provider's. */
    private static String keyName(SidecarProperties settings) {
        return settings.provider();
    }

    private static @org.jspecify.annotations.Nullable String key(SidecarProperties settings) {
        Secret key = settings.apiKey();
        return key == null ? null : key.reveal();
    }

    // ---- order and budget ----

    @Bean
    ThrottleSettings throttleSettings(SidecarProperties settings) {
        return settings.live().forThrottle(settings.pacing());
    }

    @Bean(destroyMethod = "")
    Throttle<Exchange> throttle(ThrottleSettings settings, NanoClock clock) {
        return new Throttle<>(settings, clock);
    }

    @Bean
    Traffic traffic() {
        return new Traffic();
    }

    // ---- what the provider says, and the circuit to it ----

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

    // ---- what the routes name ----

    @Bean
    HeaderPolicy headerPolicy(InFlightRequests intake) {
        return new HeaderPolicy(intake);
    }

    @Bean
    JsonBodyCheck jsonBodyCheck() {
        return new JsonBodyCheck();
    }

    @Bean
    AdaptiveThrottle adaptiveThrottle(Throttle<Exchange> throttle, OpenCircuit circuit, Traffic traffic) {
        return new AdaptiveThrottle(throttle, circuit, traffic);
    }

    @Bean
    TakeSlot takeSlot(Traffic traffic, Timings timings) {
        return new TakeSlot(traffic, timings);
    }

    @Bean
    Passthrough passthrough(Traffic traffic) {
        return new Passthrough(traffic);
    }

    @Bean
    PrepareRequest upstreamRequest(SidecarProperties settings, AttemptMetrics tries, NanoClock clock) {
        return new PrepareRequest(key(settings), tries, clock);
    }

    @Bean
    OtherUpstreamRequest otherUpstreamRequest(NanoClock clock) {
        return new OtherUpstreamRequest(clock);
    }

    @Bean
    MirrorRequest mirrorRequest() {
        return new MirrorRequest();
    }

    @Bean(destroyMethod = "shutdownNow")
    ExecutorService mirrorThreads() {
        return MirrorRequest.threads();
    }

    @Bean
    Refuse refuse() {
        return new Refuse();
    }

    @Bean
    NoResponse noAnswer(OpenCircuit circuit) {
        return new NoResponse(circuit);
    }

    @Bean
    ResponseFeedback readAnswer(RateLimitReader reader, Throttle<Exchange> throttle, OpenCircuit circuit,
            Traffic traffic,
            NanoClock clock) {
        var tryAgain = new RetryPolicy(throttle, circuit, traffic, clock, new SecureRandom());
        return new ResponseFeedback(reader, tryAgain, traffic, clock);
    }

    @Bean
    Relay relay(SidecarProperties settings, SettingsInForce live, Traffic traffic, NanoClock clock,
            ExecutorService requestThreads) {
        return new Relay(new ResponseRelay(settings.provider(), keyName(settings), live::requestTimeout), traffic,
                clock,
                requestThreads);
    }

    @Bean
    ErrorResponse errorAnswer(Traffic traffic, SettingsInForce settings) {
        return new ErrorResponse(traffic, settings::requestTimeout);
    }

    @Bean(destroyMethod = "shutdownNow")
    ExecutorService requestThreads() {
        return Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("request-", 0).factory());
    }

    // ---- what operators look at ----

    @Bean
    Health health(Uptime uptime, RoutesInForce routes, ObjectProvider<BuildProperties> build) {
        var properties = build.getIfAvailable();
        return new Health(uptime, routes::report, properties == null ? "development" : properties.getVersion());
    }

    @Bean
    Conditions conditions(CircuitBreaker breaker, OpenCircuit circuit, UpstreamEvidence evidence,
            ObjectProvider<RoutesInForce> routes, InFlightRequests intake) {
        return new Conditions(breaker, circuit::untilProbe, evidence, () -> routes.getObject().report(),
                intake::isClosed);
    }

    @Bean
    Readiness readiness(UpstreamProbe upstream, Throttle<Exchange> throttle, Conditions conditions) {
        return new Readiness(upstream, throttle, conditions);
    }

    @Bean
    Status status(Uptime uptime, Throttle<Exchange> throttle, Traffic traffic, CircuitBreaker breaker,
            UpstreamEvidence evidence, Conditions conditions, History history, ObjectProvider<RoutesInForce> routes,
            SidecarProperties settings, SettingsInForce live, Environment environment,
            ObjectProvider<BuildProperties> build) {
        return new Status(Clock.systemUTC(), uptime, throttle, traffic, breaker, evidence, conditions, history,
                () -> routes.getObject().report(), () -> live.get().lowPriorityTimeout(),
                () -> metricsPort(environment, settings), settings.provider(), BuildConfiguration.versionOf(build));
    }

    /** The one that was picked where the setting is 0, once it is listened on. */
    private static int metricsPort(Environment environment, SidecarProperties settings) {
        return environment.getProperty("local.server.port", Integer.class, settings.metricsPort());
    }

    @Bean
    ClockThread clockThread() {
        return new ClockThread();
    }

    @Bean
    History history(Throttle<Exchange> throttle, Traffic traffic, ClockThread clockThread) {
        var history = new History(Clock.systemUTC(), throttle, traffic);
        clockThread.every(History.EVERY, history::sample);
        return history;
    }

    @Bean
    SnapshotFeed snapshotFeed(Status status, ClockThread clockThread, NanoClock clock) {
        return new SnapshotFeed(() -> SnapshotStream.event(status.snapshot()), clockThread, clock,
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
    Topology topology(RoutesInForce routes) {
        return new Topology(routes::context);
    }

    // ---- what operators change, and who may ----

    @Bean
    SettingsInForce settingsInForce(SidecarProperties settings, ObjectProvider<Throttle<Exchange>> throttle,
            LoggingSystem logging) {
        return new SettingsInForce(settings.live(),
                List.of(live -> throttle.getObject().reconfigure(live.forThrottle(settings.pacing())),
                        live -> LogLevels.apply(logging, live.logLevel())));
    }

    @Bean
    TokenRule tokenRule(SidecarProperties settings, Guesses guesses, Audit audit) {
        return new TokenRule(settings.adminToken(), settings.host(), guesses, audit);
    }

    @Bean
    RateLimiterRegistry guessLimiters() {
        return RateLimiterRegistry.ofDefaults();
    }

    @Bean
    Guesses guesses(RateLimiterRegistry guessLimiters, NanoClock clock) {
        return new Guesses(guessLimiters, clock);
    }

    @Bean
    SameSiteRule sameSiteRule(SidecarProperties settings) {
        return new SameSiteRule(settings.host(), settings.allowedHosts());
    }

    @Bean
    WebPageRule webPageRule(SidecarProperties settings) {
        return new WebPageRule(settings.host(), settings.allowedHosts(), settings.allowedOrigins());
    }

    @Bean
    Audit audit(NanoClock clock) {
        return new Audit(clock);
    }

    @Bean
    SameSite sameSite(SameSiteRule rule) {
        return new SameSite(rule);
    }

    @Bean
    AdminToken adminToken(TokenRule rule, Audit audit) {
        return new AdminToken(rule, audit);
    }

    @Bean
    ConfigResponse config(SidecarProperties settings, SettingsInForce live, UpstreamAddress upstream,
            IngressServer server, Environment environment) {
        return new ConfigResponse(() -> new ConfigResponse.Addresses(settings.host(), server.port(),
                metricsPort(environment, settings), upstream.baseUrl(), settings.apiKey()), live);
    }

    @Bean
    ChangeConfig changeConfig(SettingsInForce settings, Validator validator, Audit audit) {
        return new ChangeConfig(settings, validator, audit);
    }

    @Bean
    ManagementErrors managementErrors() {
        return new ManagementErrors();
    }

    @Bean
    FilterRegistrationBean<ManagementGuard> managementGuard(SidecarProperties settings, TokenRule token,
            SameSiteRule sameSite, Audit audit) {
        var guard = new FilterRegistrationBean<>(
                new ManagementGuard(token, sameSite, settings.hawtio().equals("off"), audit));
        guard.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return guard;
    }

    // ---- the server ----

    @Bean(destroyMethod = "")
    InFlightRequests intake() {
        return new InFlightRequests();
    }

    @Bean
    IngressServer ingressServer(Vertx vertx, ObjectProvider<IngressLimits> limits, WebPageRule webPages,
            WhenCompleted completions, InFlightRequests intake, SidecarProperties settings) {
        return new IngressServer(vertx, limits.getIfAvailable(() -> IngressLimits.PRODUCTION), webPages,
                settings.maxBodyBytes(), intake, completions);
    }
}
