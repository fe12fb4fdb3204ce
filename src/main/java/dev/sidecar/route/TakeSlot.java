package dev.sidecar.route;

import dev.sidecar.call.ClientCall;
import dev.sidecar.http.RequestIds;
import dev.sidecar.throttle.order.Departure;
import dev.sidecar.throttle.order.Refusal;
import dev.sidecar.throttle.order.Verdict;
import dev.sidecar.traffic.ClientMeters;
import dev.sidecar.traffic.Timings;
import dev.sidecar.traffic.Traffic;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * First step behind the queue: takes the slot that came with the exchange, or ends it when its waiting ended
 * without one. Thread-safe.
 */
public final class TakeSlot implements Processor {

    private final Traffic traffic;
    private final Timings timings;
    private final ClientMeters clients;

    public TakeSlot(Traffic traffic, Timings timings, ClientMeters clients) {
        this.traffic = traffic;
        this.timings = timings;
        this.clients = clients;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        var call = ClientCall.of(exchange);
        var departure = departure(call);
        call.departed();
        RequestIds.logOnThisThread(call.requestId());
        var thisTime = departure.waited().minusMillis(call.queueWaitMillis());
        timings.waited(call.priority(), thisTime);
        clients.waited(call.client().name(), thisTime);
        call.queueWaitMillis(departure.waited().toMillis());
        call.cancellation().clear();
        switch (departure.verdict()) {
            case Verdict.Granted _ -> {
                traffic.classes().granted(call.priority(), departure.waited());
                if (call.cancellation().isCancelled()) {
                    leave(call, exchange); // gone in the very moment of its turn: the slot goes back
                }
            }
            case Verdict.Refused(var refusal) -> throw refused(refusal, call);
            case Verdict.Abandoned() -> leave(call, exchange);
        }
    }

    private static Departure<?> departure(ClientCall call) {
        var attempt = call.attempt();
        if (attempt == null) {
            throw new IllegalStateException("no place in the queue: put the step 'adaptiveThrottle' before this one");
        }
        return attempt.departure();
    }

    /** A client whose deadline ends between two attempts is better told what became of the first. */
    private static Exception refused(Refusal refusal, ClientCall call) {
        var latest = call.latest();
        var failure = latest == null ? null : latest.failure();
        return failure != null && refusal.reason() == Refusal.Reason.QUEUE_TIMEOUT
                ? failure
                : RefusedRequests.byThrottle(refusal);
    }

    private static void leave(ClientCall call, Exchange exchange) {
        if (call.cancellation().isStopped()) {
            throw RefusedRequests.shuttingDown();
        }
        call.breakOff();
        exchange.setRouteStop(true);
    }
}
