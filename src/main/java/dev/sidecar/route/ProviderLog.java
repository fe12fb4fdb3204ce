package dev.sidecar.route;

import dev.sidecar.throttle.NanoClock;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.event.CircuitBreakerOnStateTransitionEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log when the provider begins to fail, at the first attempt that does; when it is reachable again, and how long
 * it was out; and when the circuit opens and closes. Further failed attempts are only counted, since a dead provider has as
 * many as there are requests.
 *
 * <p>A provider that fails every now and then is spoken of once a minute at the most. Thread-safe: the lock guards what is
 * known of the outage, and logging is done outside.
 */
public final class ProviderLog {

    static final Duration QUIET = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(ProviderLog.class);
    private static final int FAILED = 500;

    private final String provider;
    private final NanoClock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable Outage outage;
    /** When an outage was last spoken of, or null. */
    private @Nullable Long spokenNanos;

    /** @param provider its name in the lines */
    public ProviderLog(String provider, NanoClock clock) {
        this.provider = provider;
        this.clock = clock;
    }

    /**
     * @param sinceNanos when the first attempt failed
     * @param failures failed attempts since
     * @param told whether the log says so
     */
    private record Outage(long sinceNanos, long failures, boolean told) {
    }

    /** Writes down the transitions of the circuit from now on. */
    public void listenTo(CircuitBreaker breaker) {
        breaker.getEventPublisher().onStateTransition(this::circuitChanged);
    }

    private void circuitChanged(CircuitBreakerOnStateTransitionEvent event) {
        var line = switch (event.getStateTransition().getToState()) {
            case OPEN, FORCED_OPEN -> LOG.atWarn();
            default -> LOG.atInfo();
        };
        var transition = event.getStateTransition();
        line.addKeyValue("provider", provider).addKeyValue("from", name(transition.getFromState()))
                .log("circuit_" + name(transition.getToState()));
    }

    private static String name(CircuitBreaker.State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    /** An attempt got the head of a response; any status below 500 shows that the provider works. */
    void answered(int status, Duration sinceWrite) {
        if (status >= FAILED) {
            failed("status " + status, null);
        } else if (outage != null) {
            succeeded(clock.nanoTime() - sinceWrite.toNanos());
        }
    }

    /** An attempt got no response. */
    void failed(IOException failure) {
        failed(UpstreamFailures.inWords(failure),
                UpstreamFailures.forTheLog(failure));
    }

    private void failed(String cause, @Nullable String failure) {
        lock.lock();
        try {
            var now = clock.nanoTime();
            var known = outage;
            var mayTell = spokenNanos == null || now - spokenNanos >= QUIET.toNanos();
            var tells = mayTell && (known == null || !known.told);
            outage = known == null
                    ? new Outage(now, 1, tells)
                    : new Outage(known.sinceNanos, known.failures + 1, known.told || tells);
            if (!tells) {
                return;
            }
            spokenNanos = now;
        } finally {
            lock.unlock();
        }
        var line = LOG.atWarn().addKeyValue("provider", provider).addKeyValue("cause", cause);
        (failure == null ? line : line.addKeyValue("failure", failure)).log("provider_failing");
    }

    /** @param begunNanos when the attempt was written: one that had begun before says nothing about the time since */
    private void succeeded(long begunNanos) {
        Outage over;
        Duration lasted;
        lock.lock();
        try {
            over = outage;
            if (over == null || begunNanos - over.sinceNanos < 0) {
                return;
            }
            outage = null;
            lasted = Duration.ofNanos(clock.nanoTime() - over.sinceNanos);
        } finally {
            lock.unlock();
        }
        if (over.told) {
            LOG.atInfo().addKeyValue("provider", provider).addKeyValue("out_ms", lasted.toMillis())
                    .addKeyValue("failed_attempts", over.failures).log("provider_reachable");
        }
    }
}
