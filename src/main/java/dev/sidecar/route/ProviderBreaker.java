package dev.sidecar.route;

import dev.sidecar.call.ClientCall;
import dev.sidecar.config.CircuitBreakerProperties;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.budget.RateLimitSignal.Kind;
import dev.sidecar.upstream.ClientGoneException;
import dev.sidecar.upstream.NotSentException;
import dev.sidecar.upstream.ResponseBody;
import dev.sidecar.upstream.limits.RateLimitReader;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.hc.core5.http.ClassicHttpResponse;

/**
 * The circuit breaker before the provider, and what it takes for a failure: a connection that fails, a response that does
 * not begin in time, a status of 500 and above. Any other status is a sign of life, 429 too. A client that leaves says
 * nothing about the provider, and neither does a fault of the sidecar's own; both are not counted. A response that is slow
 * in coming is no failure: a reasoning model thinks for long. Only an operator may set a limit for that.
 *
 * <p>It keeps no thread: an open circuit becomes half-open with the first request that comes after its time. Stateless
 * itself; the breaker is thread-safe.
 */
public final class ProviderBreaker {

    /** Longer than any call: resilience4j has no other way to count none as slow. */
    private static final Duration NEVER_SLOW = Duration.ofDays(365);

    private ProviderBreaker() {
    }

    /**
     * @param provider its name
     * @param reader tells a model's busy workers from a failing provider
     * @param start the calendar time of now, for the breaker's events
     */
    public static CircuitBreaker create(String provider, CircuitBreakerProperties settings, RateLimitReader reader,
            NanoClock clock, Instant start) {
        return CircuitBreaker.of(provider, CircuitBreakerConfig.custom()
                .slidingWindowType(switch (settings.windowType()) {
                    case COUNT -> SlidingWindowType.COUNT_BASED;
                    case TIME -> SlidingWindowType.TIME_BASED;
                }).slidingWindowSize(settings.windowSize()).minimumNumberOfCalls(settings.minimumCalls())
                .failureRateThreshold(settings.failureRate()).slowCallRateThreshold(settings.slowCallRate())
                .slowCallDurationThreshold(settings.slowCallOr(NEVER_SLOW)).waitDurationInOpenState(settings.openFor())
                .permittedNumberOfCallsInHalfOpenState(settings.probes())
                .automaticTransitionFromOpenToHalfOpenEnabled(false).writableStackTraceEnabled(false)
                .clock(new MonotonicClock(start, clock))
                .currentTimestampFunction(ignored -> clock.nanoTime(), TimeUnit.NANOSECONDS)
                .recordResult(result -> isFailure(result, reader)).ignoreException(failure -> !isFailure(failure))
                .build());
    }

    /** Of a request that came back from the provider, which in the route is an exchange with a response. */
    private static boolean isFailure(Object result, RateLimitReader reader) {
        var call = result instanceof Exchange exchange ? ClientCall.find(exchange) : null;
        var response = call == null ? null : call.upstreamResponse();
        return response != null && response.getCode() >= 500 && !isWorkerCap(response, reader);
    }

    /** The workers of one model are busy: nothing is wrong with the others. */
    private static boolean isWorkerCap(ClassicHttpResponse response, RateLimitReader reader) {
        return RateLimitReader.asksForBody(response.getCode())
                && reader.read(response.getCode(), name -> null, ResponseBody.start(response))
                        .kind() == Kind.WORKER_CAP;
    }

    private static boolean isFailure(Throwable thrown) {
        return causes(thrown).anyMatch(IOException.class::isInstance)
                && causes(thrown).noneMatch(
                        each -> each instanceof ClientGoneException || each instanceof NotSentException);
    }

    private static Stream<Throwable> causes(Throwable thrown) {
        return Stream.iterate(thrown, cause -> cause != null, Throwable::getCause).limit(10);
    }
}
