package dev.sidecar.route;

import dev.sidecar.call.ClientCall;
import dev.sidecar.call.HeartbeatStream;
import dev.sidecar.call.Release;
import dev.sidecar.http.EventDialect;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.traffic.Traffic;
import java.time.Duration;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/**
 * Step before the queue: a streamed request that then waits for longer than its client's heartbeat is told so, again and
 * again, until the provider's response begins. Others are not. Thread-safe.
 */
public final class Heartbeat implements Processor {

    private final Duration usual;
    private final Heartbeats heartbeats;
    private final Traffic traffic;

    /** @param usual for clients that have none of their own; 0 for none */
    public Heartbeat(Duration usual, Heartbeats heartbeats, Traffic traffic) {
        this.usual = usual;
        this.heartbeats = heartbeats;
        this.traffic = traffic;
    }

    @Override
    public void process(Exchange exchange) {
        var call = ClientCall.of(exchange);
        var attempt = call.attempt();
        var ticket = attempt == null ? null : attempt.ticket();
        if (ticket == null) {
            throw new IllegalStateException("no place in the queue: put the step 'adaptiveThrottle' before this one");
        }
        var stream = call.heartbeat() == null ? begin(call, ticket, exchange) : call.heartbeat();
        if (stream != null) {
            stream.waits(ticket);
        }
    }

    private @Nullable HeartbeatStream begin(ClientCall call, Ticket<Exchange> ticket, Exchange exchange) {
        var own = call.client().heartbeat();
        var every = own == null ? usual : own;
        var dialect = EventDialect.ofPath(call.request().path());
        if (every.isZero() || dialect.isEmpty() || !call.isStreamed()
                || !call.request().method().name().equals("POST")) {
            return null;
        }
        var stream = new HeartbeatStream(call, dialect.get(), every, ticket.arrivalNanos(), counts());
        call.heartbeat(stream);
        heartbeats.watch(stream);
        Release.whenDone(exchange, () -> {
            heartbeats.forget(stream);
            stream.takeOver();
        });
        return stream;
    }

    private HeartbeatStream.Listener counts() {
        return new HeartbeatStream.Listener() {
            @Override
            public void begun() {
                traffic.heartbeatBegun();
            }

            @Override
            public void over() {
                traffic.heartbeatOver();
            }
        };
    }
}
