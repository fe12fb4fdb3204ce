package dev.sidecar.route;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.config.CircuitBreakerProperties;
import dev.sidecar.config.CircuitBreakerProperties.WindowType;
import dev.sidecar.config.UpstreamAddress;
import dev.sidecar.providers.Circuits;
import dev.sidecar.providers.Providers;
import dev.sidecar.providers.ProvidersInForce;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Departure;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.Refusal;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.Verdict;
import dev.sidecar.upstream.limits.RateLimitReader;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The circuit in virtual time: what it takes for a failure, for how long it is open, and what that does to the line. */
class ProviderBreakerTest {

    private static final String ACME = "only";
    private static final Duration OPEN_FOR = Duration.ofSeconds(10);

    private long now = -5_000_000_000L; // readings may be negative
    private final Circuits circuits = new Circuits(new ProvidersInForce(Providers.single(ACME,
            new UpstreamAddress("http://localhost"), null, 40, 0)), _ -> breaker(null));
    private final CircuitBreaker breaker = circuits.of(ACME);
    private final ThrottleSettings settings = new ThrottleSettings(1, 1, Pacing.WINDOW, 10, Duration.ofMinutes(10),
            Duration.ofMinutes(10), false);
    private final Throttle<String> throttle = new Throttle<>(settings, () -> now);
    private final OpenCircuit circuit = new OpenCircuit(circuits, OPEN_FOR, throttle, () -> now);

    private CircuitBreaker breaker(@Nullable Duration slowCall) {
        return ProviderBreaker.create(ACME,
                new CircuitBreakerProperties(WindowType.COUNT, 4, 4, 50, 100, slowCall, OPEN_FOR, 2),
                new RateLimitReader(InstantSource.system()), () -> now, Instant.EPOCH);
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    private void answer(Duration after) {
        answer(breaker, after);
    }

    private static void answer(CircuitBreaker breaker, Duration after) {
        assertThat(breaker.tryAcquirePermission()).isTrue();
        breaker.onResult(after.toNanos(), TimeUnit.NANOSECONDS, "an answer");
    }

    private void fail(Throwable failure, int times) {
        for (int i = 0; i < times; i++) {
            assertThat(breaker.tryAcquirePermission()).isTrue();
            breaker.onError(0, TimeUnit.NANOSECONDS, new RuntimeException(failure)); // as Camel wraps it
        }
    }

    @Test
    void itStaysOpenForItsTimeByTheGivenClockAndThenLetsProbesThrough() {
        fail(new SocketTimeoutException(), 4);
        assertThat(breaker.getState()).isEqualTo(State.OPEN);
        assertThat(circuit.untilProbe(ACME)).isEqualTo(OPEN_FOR);
        pass(OPEN_FOR.minusSeconds(3));
        assertThat(breaker.tryAcquirePermission()).isFalse();
        assertThat(circuit.untilProbe(ACME)).isEqualTo(Duration.ofSeconds(3));
        pass(Duration.ofSeconds(3).plusMillis(1));
        assertThat(circuit.untilProbe(ACME)).as("a request may come and probe").isZero();
        answer(Duration.ZERO);
        assertThat(breaker.getState()).isEqualTo(State.HALF_OPEN);
        answer(Duration.ZERO);
        assertThat(breaker.getState()).isEqualTo(State.CLOSED);
    }

    @Test
    void withItsProbesUnderWayItLetsNobodyElseThroughAndSaysToComeBackSoon() {
        fail(new SocketTimeoutException(), 4);
        pass(OPEN_FOR.plusMillis(1));
        assertThat(breaker.tryAcquirePermission()).isTrue();
        assertThat(breaker.tryAcquirePermission()).isTrue();
        assertThat(breaker.tryAcquirePermission()).isFalse();
        assertThat(circuit.untilProbe(ACME)).isZero();
        assertThat(circuit.notPermitted(ACME).retryAfter()).isEqualTo(Duration.ofSeconds(1));
        assertThat(circuit.notPermitted(ACME).reason()).isEqualTo(Refusal.Reason.CIRCUIT_OPEN);
    }

    @Test
    void aFaultOfTheSidecarsOwnSaysNothingAboutTheProvider() {
        fail(new IllegalStateException("a route's fault"), 10);
        assertThat(breaker.getState()).isEqualTo(State.CLOSED);
        assertThat(breaker.getMetrics().getNumberOfBufferedCalls()).isZero();
    }

    @Test
    void slowResponsesNeverOpenItUnlessAnOperatorAsksForThat() {
        for (int i = 0; i < 10; i++) {
            answer(Duration.ofSeconds(46)); // a reasoning model thinks
        }
        answer(Duration.ofMinutes(20)); // an upload that takes its time
        assertThat(breaker.getState()).isEqualTo(State.CLOSED);
        assertThat(breaker.getMetrics().getNumberOfSlowCalls()).isZero();
    }

    @Test
    void withALimitForSlowCallsItOpensWhenAllAreSlowAndOneQuickOneKeepsItClosed() {
        var limited = breaker(Duration.ofSeconds(45));
        var slow = Duration.ofSeconds(46);
        answer(limited, slow);
        answer(limited, slow);
        answer(limited, slow);
        answer(limited, Duration.ofSeconds(44));
        answer(limited, slow);
        answer(limited, slow);
        answer(limited, slow);
        assertThat(limited.getState()).isEqualTo(State.CLOSED);
        answer(limited, slow);
        assertThat(limited.getState()).isEqualTo(State.OPEN);
    }

    @Test
    void theMomentItOpensAllWhoWaitLeaveTheLineWithTheReason() throws InterruptedException {
        admit("first");
        assertThat(requireNonNull(throttle.poll(Duration.ZERO)).verdict()).isInstanceOf(Verdict.Granted.class);
        admit("second");
        admit("third");
        assertThat(throttle.poll(Duration.ZERO)).isNull();
        fail(new IOException("reset"), 4);
        for (int i = 0; i < 2; i++) {
            assertThat(requireNonNull(throttle.poll(Duration.ZERO)).verdict()).isInstanceOfSatisfying(
                    Verdict.Refused.class,
                    refused -> assertThat(refused.refusal().reason()).isEqualTo(Refusal.Reason.CIRCUIT_OPEN));
        }
        assertThat(throttle.size()).isZero();
    }

    private void admit(String payload) {
        var queued = (Admission.Queued<String>) throttle.admit(Priority.NORMAL, null);
        throttle.enqueue(queued.ticket(), payload);
    }

    @Test
    void anOperatorWhoForcesItOpenIsObeyed() {
        breaker.transitionToForcedOpenState();
        pass(Duration.ofDays(1));
        assertThat(circuit.untilProbe(ACME)).isPositive();
    }

    @Test
    void anOperatorWhoOpensItHalfGetsAProbe() {
        breaker.transitionToForcedOpenState();
        assertThat(throttle.admit(Priority.NORMAL, null)).isInstanceOfSatisfying(Admission.Refused.class,
                refused -> assertThat(refused.refusal().retryAfter()).isEqualTo(Duration.ofMinutes(10)));
        breaker.transitionToHalfOpenState();
        admit("probe");
        assertThat(requireNonNull(poll()).verdict()).isInstanceOf(Verdict.Granted.class);
    }

    private @Nullable Departure<String> poll() {
        try {
            return throttle.poll(Duration.ZERO);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
