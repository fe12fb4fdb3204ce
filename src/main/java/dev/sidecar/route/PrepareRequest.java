package dev.sidecar.route;

import dev.sidecar.call.Attempt;
import dev.sidecar.call.ClientCall;
import dev.sidecar.call.Release;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.traffic.SendLog;
import dev.sidecar.traffic.SentRequest;
import dev.sidecar.upstream.NotSentException;
import dev.sidecar.upstream.UpstreamErrors;
import dev.sidecar.upstream.UpstreamRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpHost;
import org.jspecify.annotations.Nullable;

/**
 * Last step before camel-http: puts together what the provider shall see, from the client's method, target and bytes
 * and from the message's headers as the routes left them, under the key whose slot it has. Thread-safe.
 */
public final class PrepareRequest implements Processor {

    private final KeyChoice keys;
    private final AttemptMetrics attempts;
    private final SendLog sends;
    private final NanoClock clock;

    public PrepareRequest(KeyChoice keys, AttemptMetrics attempts, SendLog sends, NanoClock clock) {
        this.keys = keys;
        this.attempts = attempts;
        this.sends = sends;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) {
        var call = ClientCall.of(exchange);
        var attempt = call.send();
        attempt.keep(exchange.getMessage().copy());
        var chosen = keys.choose(call, attempt.ticket(), exchange);
        var progress = new Progress(call, attempt, Objects.requireNonNull(call.keyUsed()), chosen);
        exchange.getMessage().setBody(OutgoingRequest.of(call, chosen.body(), exchange.getMessage(),
                chosen.authorization(), progress, call.cancellation()));
        Release.whenDone(exchange, progress::ended);
    }

    private final class Progress implements UpstreamRequest.Listener {

        private final ClientCall call;
        private final Attempt attempt;
        private final ClientCall.KeyUsed used;
        private final KeyChoice.Chosen chosen;
        private final @Nullable Slot slot;
        /** Null before it was sent, and for a request without a slot. */
        private volatile @Nullable SentRequest sent;

        Progress(ClientCall call, Attempt attempt, ClientCall.KeyUsed used, KeyChoice.Chosen chosen) {
            this.chosen = chosen;
            this.call = call;
            this.attempt = attempt;
            this.used = used;
            this.slot = attempt.slot();
        }

        @Override
        public Duration patience() {
            var ticket = attempt.ticket();
            return ticket == null ? ANY_LENGTH : Duration.ofNanos(ticket.deadlineNanos() - clock.nanoTime());
        }

        @Override
        public boolean maySendTo(HttpHost host, String basePath) {
            return chosen.maySendTo(host, basePath);
        }

        @Override
        public void beforeWrite() throws NotSentException {
            if (slot != null && !slot.mayBeSent()) {
                throw new NotSentException();
            }
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
                note();
            }
        }

        private void note() {
            if (sent == null) {
                sent = sends.sent(call.priority(), call.model(), used.told() ? used.key() : null,
                        Duration.ofMillis(call.queueWaitMillis()),
                        Duration.ofNanos(clock.nanoTime() - attempt.startNanos()));
            }
        }

        @Override
        public void answered(ClassicHttpResponse head) {
            attempt.response(head);
            var noted = sent;
            if (noted != null) {
                noted.answered(head.getCode());
            }
            attempts.answered(call, used, head.getCode(), Duration.ofNanos(clock.nanoTime() - attempt.startNanos()));
        }

        @Override
        public void failed(IOException failure) {
            attempts.failed(failure, used);
            var noted = sent;
            if (noted != null && UpstreamErrors.ofFailure(failure) != null) {
                noted.failed();
            }
        }

        @Override
        public void aborted() {
            attempts.aborted();
        }

        /** The exchange that sent it is done. */
        void ended() {
            var noted = sent;
            if (noted == null) {
                return;
            }
            switch (call.outcome()) {
                case CUT_OFF, UPSTREAM_ERROR, TIMEOUT -> noted.failed();
                default -> noted.ended();
            }
        }
    }
}
