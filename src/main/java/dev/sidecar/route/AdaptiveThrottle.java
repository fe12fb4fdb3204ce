package dev.sidecar.route;

import dev.sidecar.relay.ProxyCall;
import dev.sidecar.throttle.Admission;
import dev.sidecar.throttle.Priority;
import dev.sidecar.throttle.Slot;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.Ticket;
import dev.sidecar.traffic.Traffic;
import java.time.Duration;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/**
 * Admission: decides at once whether a request gets a place in the waiting line, is let through beside a full line, or
 * is refused because it could not be served in time.
 *
 * <p>Reads the message header {@value #PRIORITY_HEADER}; sets the exchange property {@value #ADMISSION_PROPERTY} to
 * {@code queued} or {@code bypass}, by which the route goes on. Thread-safe.
 */
public final class AdaptiveThrottle implements Processor {

    public static final String PRIORITY_HEADER = "X-Sidecar-Priority";
    public static final String ADMISSION_PROPERTY = "SidecarAdmission";
    static final String TICKET_PROPERTY = "SidecarTicket";

    private final Throttle<Exchange> throttle;
    private final Traffic traffic;

    public AdaptiveThrottle(Throttle<Exchange> throttle, Traffic traffic) {
        this.throttle = throttle;
        this.traffic = traffic;
    }

    @Override
    public void process(Exchange exchange) {
        var call = ProxyCall.of(exchange);
        var priority = Priority.parse(exchange.getMessage().getHeader(PRIORITY_HEADER, String.class));
        call.priority(priority);
        call.throttled(true);
        traffic.throttled();
        switch (throttle.admit(priority, patience(call))) {
            case Admission.Queued<Exchange>(Ticket<Exchange> ticket) -> {
                exchange.setProperty(TICKET_PROPERTY, ticket);
                exchange.setProperty(ADMISSION_PROPERTY, "queued");
                call.cancellation().onCancel(() -> throttle.abandon(ticket));
                // Should the route end before the waiting line takes over, the place is given back.
                exchange.getExchangeExtension().addOnCompletion(new OnDone(() -> throttle.abandon(ticket)));
            }
            case Admission.Bypassed<Exchange>(Slot slot) -> {
                exchange.setProperty(ADMISSION_PROPERTY, "bypass");
                SlotHolder.hold(slot, exchange);
            }
            case Admission.Refused<Exchange>(var refusal) -> throw RequestRefusedException.byThrottle(refusal);
        }
    }

    /** How long the client says that it will wait: what the OpenAI SDKs send, or the plain header for everyone else. */
    private static @Nullable Duration patience(ProxyCall call) {
        var millis = positive(call.request().getHeader("X-Request-Timeout-Ms"), 1);
        var stainless = positive(call.request().getHeader("X-Stainless-Timeout"), 1000);
        if (millis == null || stainless == null) {
            return millis == null ? stainless : millis;
        }
        return millis.compareTo(stainless) < 0 ? millis : stainless;
    }

    private static @Nullable Duration positive(@Nullable String number, int millisPerUnit) {
        if (number == null) {
            return null;
        }
        try {
            var value = Double.parseDouble(number.strip());
            return value > 0 && value < 1e9 ? Duration.ofMillis(Math.round(value * millisPerUnit)) : null;
        } catch (NumberFormatException e) {
            return null; // not a number: the client has not said
        }
    }
}
