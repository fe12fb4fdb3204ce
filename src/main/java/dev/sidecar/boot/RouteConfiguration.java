package dev.sidecar.boot;

import dev.sidecar.admin.KeyGuesses;
import dev.sidecar.clients.ClientsInForce;
import dev.sidecar.config.SettingsInForce;
import dev.sidecar.config.SidecarProperties;
import dev.sidecar.ingress.InFlightRequests;
import dev.sidecar.providers.ModelListCache;
import dev.sidecar.providers.ProvidersInForce;
import dev.sidecar.route.AdaptiveThrottle;
import dev.sidecar.route.AttemptMetrics;
import dev.sidecar.route.ErrorResponse;
import dev.sidecar.route.HeaderPolicy;
import dev.sidecar.route.Heartbeat;
import dev.sidecar.route.Heartbeats;
import dev.sidecar.route.IdentifyClient;
import dev.sidecar.route.JsonBodyCheck;
import dev.sidecar.route.KeyChoice;
import dev.sidecar.route.MirrorRequest;
import dev.sidecar.route.ModelAccess;
import dev.sidecar.route.ModelListFetcher;
import dev.sidecar.route.ModelListResponse;
import dev.sidecar.route.NoResponse;
import dev.sidecar.route.OpenCircuit;
import dev.sidecar.route.OtherUpstreamRequest;
import dev.sidecar.route.Passthrough;
import dev.sidecar.route.PrepareRequest;
import dev.sidecar.route.Refuse;
import dev.sidecar.route.Relay;
import dev.sidecar.route.ResponseFeedback;
import dev.sidecar.route.RetryPolicy;
import dev.sidecar.route.StandsAlone;
import dev.sidecar.route.TakeSlot;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.traffic.ClientMeters;
import dev.sidecar.traffic.Evidences;
import dev.sidecar.traffic.Timings;
import dev.sidecar.throttle.tokens.TokenEstimates;
import dev.sidecar.traffic.Traffic;
import dev.sidecar.upstream.ResponseRelay;
import dev.sidecar.upstream.UpstreamClient;
import dev.sidecar.upstream.limits.RateLimitReader;
import java.security.SecureRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.camel.Exchange;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the routes name: the names of these beans are the names in YAML. */
@Configuration(proxyBeanMethods = false)
class RouteConfiguration {

    @Bean
    HeaderPolicy headerPolicy(InFlightRequests intake) {
        return new HeaderPolicy(intake);
    }

    @Bean
    IdentifyClient identifyClient(ClientsInForce clients, KeyGuesses wrongKeys) {
        return new IdentifyClient(clients, wrongKeys);
    }

    @Bean
    ModelAccess modelAccess() {
        return new ModelAccess();
    }

    @Bean
    JsonBodyCheck jsonBodyCheck() {
        return new JsonBodyCheck();
    }

    @Bean
    StandsAlone standsAlone() {
        return new StandsAlone();
    }

    @Bean
    AdaptiveThrottle adaptiveThrottle(Throttle<Exchange> throttle, ProvidersInForce providers, TokenEstimates tokens,
            Traffic traffic) {
        return new AdaptiveThrottle(throttle, providers, tokens, traffic);
    }

    @Bean(destroyMethod = "close")
    Heartbeats heartbeats(Throttle<Exchange> throttle, NanoClock clock) {
        return new Heartbeats(throttle, clock);
    }

    @Bean
    Heartbeat heartbeat(SidecarProperties settings, Heartbeats heartbeats, Traffic traffic) {
        return new Heartbeat(settings.heartbeat(), heartbeats, traffic);
    }

    @Bean
    TakeSlot takeSlot(Traffic traffic, Timings timings, ClientMeters clients) {
        return new TakeSlot(traffic, timings, clients);
    }

    @Bean
    Passthrough passthrough(Traffic traffic) {
        return new Passthrough(traffic);
    }

    @Bean
    PrepareRequest upstreamRequest(KeyChoice keys, AttemptMetrics attempts, Traffic traffic, NanoClock clock) {
        return new PrepareRequest(keys, attempts, traffic.sends(), clock);
    }

    @Bean
    ModelListResponse modelList(ProvidersInForce providers, UpstreamClient client, Evidences evidences,
            NanoClock clock) {
        return new ModelListResponse(providers, new ModelListCache(new ModelListFetcher(client, evidences), clock));
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
    NoResponse noAnswer(OpenCircuit circuit, ProvidersInForce providers) {
        return new NoResponse(circuit, providers);
    }

    @Bean
    ResponseFeedback readAnswer(RateLimitReader reader, Throttle<Exchange> throttle, ProvidersInForce providers,
            Traffic traffic, NanoClock clock) {
        var tryAgain = new RetryPolicy(throttle, providers, traffic, clock, new SecureRandom());
        return new ResponseFeedback(reader, tryAgain, traffic, clock);
    }

    @Bean
    Relay relay(SettingsInForce live, TokenEstimates tokens, Traffic traffic, NanoClock clock,
            ExecutorService requestThreads) {
        return new Relay(new ResponseRelay(live::requestTimeout), tokens, traffic, clock, requestThreads);
    }

    @Bean
    ErrorResponse errorAnswer(Traffic traffic, SettingsInForce settings) {
        return new ErrorResponse(traffic, settings::requestTimeout);
    }

    @Bean(destroyMethod = "shutdownNow")
    ExecutorService requestThreads() {
        return Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("request-", 0).factory());
    }
}
