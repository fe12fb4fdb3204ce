package dev.sidecar.route;

import dev.sidecar.call.Attempt;
import dev.sidecar.call.ClientCall;
import dev.sidecar.providers.ProvidersInForce;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.traffic.Traffic;
import java.time.Duration;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * Sends a request back to the head of its class in the queue, if its deadline leaves room for another attempt. Only
 * what came through the queue can go back to it. Thread-safe.
 */
public final class RetryPolicy {

    private static final int NO_CREDIT = 402;
    private static final long MOST_SPARE_NANOS = 1_000_000_000;

    private final Throttle<Exchange> throttle;
    private final ProvidersInForce providers;
    private final Traffic traffic;
    private final NanoClock clock;
    private final RandomGenerator random;

    /**
     * @param clock the one that the throttle reads too
     * @param random for the spreading of waits; must be thread-safe
     */
    public RetryPolicy(Throttle<Exchange> throttle, ProvidersInForce providers, Traffic traffic, NanoClock clock,
            RandomGenerator random) {
        this.throttle = throttle;
        this.providers = providers;
        this.traffic = traffic;
        this.clock = clock;
        this.random = random;
    }

    /** The model's workers are busy, with this request among others. */
    void workerCapReached(Exchange exchange) {
        var ticket = ticket(exchange);
        if (ticket != null) {
            throttle.workerCapReached(ticket);
        }
    }

    /**
     * Asks for a place in the queue for another attempt. With one, {@link #waitInQueue} must follow, when nothing is left to do
     * for the attempt that failed.
     *
     * @param pause how long the provider asks to be left alone
     */
    boolean placed(Exchange exchange, Backoff backoff, Duration pause) {
        var call = ClientCall.of(exchange);
        var ticket = ticket(exchange);
        if (ticket == null || call.cancellation().isCancelled()) {
            return false;
        }
        var wait = backoff.delay(call.attempts(), random);
        var pauseAndWait = pause.isPositive() ? pause.plus(wait) : Duration.ZERO;
        var only = providers.get().all().size() == 1; // otherwise another one may serve it meanwhile
        if (leavesTime(only && pause.isPositive() ? pauseAndWait : wait, ticket)
                && throttle.retry(ticket, wait, pauseAndWait) instanceof Admission.Queued<Exchange> queued) {
            call.begin(Attempt.queued(throttle, queued.ticket()));
            return true;
        }
        return false;
    }

    /**
     * The provider refuses the key to this request. Asks for a place in the queue for another attempt with another key, as
     * {@link #placed}.
     *
     * @param status 401, 402 or 403
     */
    boolean placedWithAnotherKey(Exchange exchange, int status) {
        var call = ClientCall.of(exchange);
        var ticket = ticket(exchange);
        if (ticket == null || providers.get().keyCount() == 1) {
            return false;
        }
        if (status != NO_CREDIT) { // that is for everybody
            throttle.keyRefusedFor(ticket);
        }
        if (!call.cancellation().isCancelled() && leavesTime(Duration.ZERO, ticket)
                && throttle.retryWithAnotherKey(ticket) instanceof Admission.Queued<Exchange> queued) {
            call.begin(Attempt.queued(throttle, queued.ticket()));
            return true;
        }
        return false;
    }

    private static @Nullable Ticket<Exchange> ticket(Exchange exchange) {
        var attempt = ClientCall.of(exchange).attempt();
        return attempt == null ? null : attempt.ticket();
    }

    /**
     * An attempt in the last moment helps nobody: a client that gives up at its deadline would not get to see even the failure.
     */
    private boolean leavesTime(Duration wait, Ticket<Exchange> ticket) {
        long patience = ticket.deadlineNanos() - ticket.arrivalNanos();
        long spare = Math.min(patience / 10, MOST_SPARE_NANOS);
        return wait.toNanos() + spare < ticket.deadlineNanos() - clock.nanoTime();
    }

    /** The route goes on to the queue, with the message that it came with the first time. */
    void waitInQueue(Exchange exchange) {
        var call = ClientCall.of(exchange);
        var failed = Objects.requireNonNull(call.latest(), "an attempt that failed");
        var next = Objects.requireNonNull(ticket(exchange), "a place for another attempt");
        failed.ended(clock.nanoTime());
        exchange.setMessage(failed.takeMessage());
        exchange.setProperty(AdaptiveThrottle.ADMISSION_PROPERTY, AdaptiveThrottle.QUEUED);
        traffic.retried();
        call.cancellation().onCancel(() -> throttle.abandon(next));
    }
}
