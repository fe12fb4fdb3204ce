package dev.sidecar.route;

import dev.sidecar.call.ClientCall;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.traffic.Traffic;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.apache.camel.Exchange;

/**
 * Sends a request back to the head of its class in the waiting line, if its deadline leaves room for another try. Only
 * what came through the line can go back to it. Thread-safe.
 */
public final class RetryPolicy {

    private static final long MOST_SPARE_NANOS = 1_000_000_000;

    private final Throttle<Exchange> throttle;
    private final OpenCircuit circuit;
    private final Traffic traffic;
    private final NanoClock clock;
    private final RandomGenerator random;

    /**
     * @param clock the one that the throttle reads too
     * @param random for the spreading of waits; must be thread-safe
     */
    public RetryPolicy(Throttle<Exchange> throttle, OpenCircuit circuit, Traffic traffic, NanoClock clock,
            RandomGenerator random) {
        this.throttle = throttle;
        this.circuit = circuit;
        this.traffic = traffic;
        this.clock = clock;
        this.random = random;
    }

    /** The model's workers are busy, with this request among others. */
    void workerCapReached(Exchange exchange) {
        var place = PlaceInQueue.find(exchange);
        if (place != null) {
            throttle.workerCapReached(place.ticket());
        }
    }

    /**
     * Asks for a place in the line for another try. With one, {@link #waitInLine} must follow, when nothing is left to do
     * for the try that failed.
     *
     * @param pause how long the provider asks to be left alone
     */
    boolean placed(Exchange exchange, Backoff backoff, Duration pause) {
        var place = PlaceInQueue.find(exchange);
        if (place == null || ClientCall.of(exchange).cancellation().isCancelled() || circuit.refusal().isPresent()) {
            return false;
        }
        var wait = pause.plus(backoff.delay(ClientCall.of(exchange).tries(), random));
        if (leavesTime(wait, place.ticket())
                && throttle.retry(place.ticket(), wait) instanceof Admission.Queued<Exchange> queued) {
            place.ticket(queued.ticket());
            return true;
        }
        return false;
    }

    /**
     * A try in the last moment helps nobody: a client that gives up at its deadline would not get to see even the failure.
     */
    private boolean leavesTime(Duration wait, Ticket<Exchange> ticket) {
        long patience = ticket.deadlineNanos() - ticket.arrivalNanos();
        long spare = Math.min(patience / 10, MOST_SPARE_NANOS);
        return wait.toNanos() + spare < ticket.deadlineNanos() - clock.nanoTime();
    }

    /** The route goes on to the line, with the message that it came with the first time. */
    void waitInLine(Exchange exchange) {
        var ticket = PlaceInQueue.of(exchange).ticket();
        var call = ClientCall.of(exchange);
        PrepareRequest.restoreMessage(exchange);
        exchange.setProperty(AdaptiveThrottle.ADMISSION_PROPERTY, AdaptiveThrottle.QUEUED);
        traffic.retried();
        call.tryEnded(clock.nanoTime());
        call.cancellation().onCancel(() -> throttle.abandon(ticket));
    }
}
