package dev.sidecar.route;

import dev.sidecar.call.ClientCall;
import dev.sidecar.http.RequestIds;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.tokens.TokenEstimates;
import dev.sidecar.traffic.Traffic;
import dev.sidecar.upstream.ResponseRelay;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.apache.camel.AsyncCallback;
import org.apache.camel.AsyncProcessor;
import org.apache.camel.Exchange;
import org.apache.camel.support.AsyncCallbackToCompletableFutureAdapter;
import org.apache.camel.support.PluginHelper;
import org.apache.hc.core5.http.ClassicHttpResponse;

/**
 * Last step of a request: the client gets the provider's response. A stream, which may take minutes, has a thread of its own
 * for that: the one that came through the routes would hold all their frames as long, more memory than all else of a stream.
 * Thread-safe.
 */
public final class Relay implements AsyncProcessor {

    private static final int TOO_MANY_REQUESTS = 429;

    private final ResponseRelay relay;
    private final TokenEstimates tokens;
    private final Traffic traffic;
    private final NanoClock clock;
    private final Executor threads;

    /** @param threads gives each stream a thread that may block */
    public Relay(ResponseRelay relay, TokenEstimates tokens, Traffic traffic, NanoClock clock, Executor threads) {
        this.relay = relay;
        this.tokens = tokens;
        this.traffic = traffic;
        this.clock = clock;
        this.threads = threads;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        try {
            var call = ClientCall.of(exchange);
            var response = call.upstreamResponse();
            if (response == null) {
                throw new IllegalStateException("no answer to relay: put this step behind the upstream endpoint");
            }
            if (ResponseRelay.isStreamed(call, response)) {
                threads.execute(() -> stream(exchange, call, response, callback));
                return false;
            }
            relay(exchange, call, response);
        } catch (IOException | RuntimeException e) {
            exchange.setException(e);
        }
        callback.done(true);
        return true;
    }

    private void stream(Exchange exchange, ClientCall call, ClassicHttpResponse response, AsyncCallback callback) {
        RequestIds.logOnThisThread(call.requestId());
        traffic.streamBegun();
        try {
            relay(exchange, call, response);
        } catch (Throwable e) { // whatever it is, the route goes on, and lets go of what the request holds
            exchange.setException(e);
        } finally {
            traffic.streamEnded();
        }
        callback.done(false);
    }

    private void relay(Exchange exchange, ClientCall call, ClassicHttpResponse response) throws IOException {
        try {
            relay.relay(call, response);
        } finally {
            learnTokens(call);
        }
        if (response.getCode() == TOO_MANY_REQUESTS) {
            traffic.rateLimited();
        }
        if (call.isThrottled()) {
            traffic.classes().answered(call.priority());
            traffic.models().answered(call.model(), response.getCode(),
                    Duration.ofNanos(clock.nanoTime() - startNanos(call)));
        }
        exchange.getMessage().setBody(null);
    }

    private void learnTokens(ClientCall call) {
        var usage = call.usage();
        var body = call.body();
        if (usage != null && body != null) {
            tokens.learn(call.client().name(), call.model(), body.length(), usage);
        }
    }

    private static long startNanos(ClientCall call) {
        return Objects.requireNonNull(call.latest(), "an attempt with this response").startNanos();
    }

    /** Returns when the client has its response. */
    @Override
    public void process(Exchange exchange) throws Exception {
        PluginHelper.getAsyncProcessorAwaitManager(exchange.getContext()).process(this, exchange);
    }

    @Override
    public CompletableFuture<Exchange> processAsync(Exchange exchange) {
        var done = new AsyncCallbackToCompletableFutureAdapter<>(exchange);
        process(exchange, done);
        return done.getFuture();
    }
}
