package dev.sidecar.route;

import dev.sidecar.call.Attempt;
import dev.sidecar.call.ClientCall;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.upstream.UpstreamRequest;
import java.io.IOException;
import java.time.Duration;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.jspecify.annotations.Nullable;

/**
 * Last step before camel-http: puts together what the provider shall see, from the client's method, target and bytes
 * and from the message's headers as the routes left them, under the provider's key. Thread-safe.
 */
public final class PrepareRequest implements Processor {

    private final @Nullable Header authorization;
    private final AttemptMetrics attempts;
    private final NanoClock clock;

    public PrepareRequest(@Nullable String apiKey, AttemptMetrics attempts, NanoClock clock) {
        this.attempts = attempts;
        this.authorization = apiKey == null ? null : OutgoingRequest.authorization(apiKey);
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) {
        var call = ClientCall.of(exchange);
        var attempt = call.send();
        attempt.keep(exchange.getMessage().copy());
        exchange.getMessage().setBody(OutgoingRequest.of(call, exchange.getMessage(), authorization,
                new Progress(call, attempt), call.cancellation()));
    }

    private final class Progress implements UpstreamRequest.Listener {

        private final ClientCall call;
        private final Attempt attempt;
        private final @Nullable Slot slot;

        Progress(ClientCall call, Attempt attempt) {
            this.call = call;
            this.attempt = attempt;
            this.slot = attempt.slot();
        }

        @Override
        public Duration patience() {
            var ticket = attempt.ticket();
            return ticket == null ? ANY_LENGTH : Duration.ofNanos(ticket.deadlineNanos() - clock.nanoTime());
        }

        @Override
        public void beforeWrite() {
            attempt.started(clock.nanoTime());
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
            attempt.response(head);
            attempts.answered(call, head.getCode(), Duration.ofNanos(clock.nanoTime() - attempt.startNanos()));
        }

        @Override
        public void failed(IOException failure) {
            attempts.failed(failure);
        }

        @Override
        public void aborted() {
            attempts.aborted();
        }
    }
}
