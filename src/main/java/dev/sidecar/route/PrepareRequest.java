package dev.sidecar.route;

import dev.sidecar.call.ClientCall;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.upstream.UpstreamRequest;
import java.io.IOException;
import java.time.Duration;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.jspecify.annotations.Nullable;

/**
 * Last step before camel-http: puts together what the provider shall see, from the client's method, target and bytes
 * and from the message's headers as the routes left them, under the provider's key. Thread-safe.
 */
public final class PrepareRequest implements Processor {

    private static final String MESSAGE_PROPERTY = "SidecarRequestMessage";

    private final @Nullable Header authorization;
    private final AttemptMetrics tries;
    private final NanoClock clock;

    public PrepareRequest(@Nullable String apiKey, AttemptMetrics tries, NanoClock clock) {
        this.tries = tries;
        this.authorization = apiKey == null ? null : OutgoingRequest.authorization(apiKey);
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) {
        var call = ClientCall.of(exchange);
        call.newTry();
        // Should no step relay the answer, the connection it comes on is closed.
        exchange.getExchangeExtension().addOnCompletion(new OnDone(call::closeAnswer));
        keepMessage(exchange);
        var slot = SlotHolder.find(exchange);
        exchange.getMessage().setBody(OutgoingRequest.of(call, exchange.getMessage(), authorization,
                new Progress(call, slot, PlaceInQueue.find(exchange)), call.cancellation()));
    }

    private static void keepMessage(Exchange exchange) {
        exchange.setProperty(MESSAGE_PROPERTY, exchange.getMessage().copy());
    }

    /** Puts back the message as it was before this step, which the provider's answer has replaced since. */
    static void restoreMessage(Exchange exchange) {
        exchange.setMessage((Message) exchange.removeProperty(MESSAGE_PROPERTY));
    }

    private final class Progress implements UpstreamRequest.Listener {

        private final ClientCall call;
        private final @Nullable Slot slot;
        private final @Nullable PlaceInQueue place;

        Progress(ClientCall call, @Nullable Slot slot, @Nullable PlaceInQueue place) {
            this.call = call;
            this.slot = slot;
            this.place = place;
        }

        @Override
        public Duration patience() {
            return place == null
                    ? ANY_LENGTH
                    : Duration.ofNanos(place.ticket().deadlineNanos() - clock.nanoTime());
        }

        @Override
        public void beforeWrite() {
            call.upstreamStartNanos(clock.nanoTime());
            if (slot != null) {
                slot.writing();
            }
        }

        /** A provider counts a request when it has all of it, which a slow upload delays; until then the slot is used. */
        @Override
        public void written() {
            if (slot != null) {
                slot.sent();
            }
        }

        @Override
        public void answered(ClassicHttpResponse head) {
            call.upstreamResponse(head);
            tries.answered(call, head.getCode(), Duration.ofNanos(clock.nanoTime() - call.upstreamStartNanos()));
        }

        @Override
        public void failed(IOException failure) {
            tries.failed(failure);
        }

        @Override
        public void aborted() {
            tries.aborted();
        }
    }
}
