package dev.sidecar.route;

import dev.sidecar.call.ClientCall;
import dev.sidecar.call.Outcome;
import dev.sidecar.http.CacheControl;
import dev.sidecar.http.ErrorBody;
import dev.sidecar.http.RequestIds;
import dev.sidecar.http.RequestRefusedException;
import dev.sidecar.traffic.Traffic;
import dev.sidecar.upstream.NoResponseException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.vertx.HttpMessage;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers a request that failed inside the sidecar, in OpenAI's error shape and without internals. When part of the
 * provider's response has left already, the connection is broken off instead. When only signs of life have left, the error is
 * the last event. Thread-safe.
 */
public final class ErrorResponse implements Processor {

    private static final Logger LOG = LoggerFactory.getLogger(ErrorResponse.class);

    private final Traffic traffic;
    private final Supplier<Duration> timeout;

    public ErrorResponse(Traffic traffic, Supplier<Duration> timeout) {
        this.traffic = traffic;
        this.timeout = timeout;
    }

    @Override
    public void process(Exchange exchange) {
        var call = ClientCall.find(exchange);
        if (call != null) {
            call.departed(); // no heartbeat begins the response from here on
        }
        var failure = failure(exchange, call);
        if (call != null && call.cancellation().isClientGone()) {
            call.breakOff(); // nobody is there to read it
            return;
        }
        var begun = call == null ? null : call.heartbeat();
        if (call != null && call.response().headWritten() && (begun == null || !begun.mayFail())) {
            call.ended(call.cancellation().isStopped() ? Outcome.CUT_OFF : Outcome.INTERNAL_ERROR);
            call.breakOff();
            return;
        }
        var request = call != null ? call.request() : requestOf(exchange);
        var requestId = call != null ? call.requestId() : RequestIds.of(request.getHeader(RequestIds.HEADER));
        var error = errorFor(failure instanceof NoResponseException noAnswer ? noAnswer.failure() : failure);
        if (error.status() == 429 && call != null) {
            traffic.rateLimited();
        } else if (error.status() == 502 && call != null && hadBegunWell(call)) {
            traffic.upstreamError();
        }
        if (call != null) {
            call.failed(error);
        }
        if (begun != null && begun.fail(error)) {
            exchange.getMessage().setBody(null);
            return;
        }
        send(request, requestId, error,
                failure instanceof RequestRefusedException refused ? refused.retryAfter() : null);
        exchange.getMessage().setBody(null);
    }

    /** A call that the sidecar gave up because it stops has failed for that reason, however that shows. */
    private static @Nullable Throwable failure(Exchange exchange, @Nullable ClientCall call) {
        var failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        return call != null && call.cancellation().isStopped() && failure instanceof IOException
                ? RefusedRequests.shuttingDown()
                : failure;
    }

    /** The provider broke off in its response. Other failures have been counted where the attempt ended. */
    private static boolean hadBegunWell(ClientCall call) {
        var response = call.upstreamResponse();
        return response != null && response.getCode() < 500;
    }

    private static HttpServerRequest requestOf(Exchange exchange) {
        if (exchange.getMessage() instanceof HttpMessage message) {
            return message.getRequest();
        }
        throw new IllegalStateException("no request to answer");
    }

    private ErrorBody errorFor(@Nullable Throwable failure) {
        return switch (failure) {
            case RequestRefusedException refused -> refused.error();
            case ConnectTimeoutException unreachable -> ErrorBody.apiError(504, "upstream_timeout",
                    "the provider did not accept a connection in time");
            case SocketTimeoutException silent -> ErrorBody.apiError(504, "upstream_timeout",
                    "the provider did not answer within " + timeout.get().toSeconds() + " s");
            case IOException broken -> {
                // That the provider fails is in the log already: see ProviderLog.
                LOG.debug("upstream unreachable or broken: {}", UpstreamFailures.forTheLog(broken));
                yield ErrorBody.apiError(502, "upstream_unreachable",
                        "the provider could not be reached or broke off: " + UpstreamFailures.inWords(broken));
            }
            case null, default -> {
                LOG.error("a request failed inside the sidecar",
                        failure == null ? null : RedactedException.of(failure));
                yield ErrorBody.apiError(500, "internal_error", "the sidecar failed to handle this request");
            }
        };
    }

    private static void send(HttpServerRequest request, String requestId, ErrorBody error,
            @Nullable Duration retryAfter) {
        var response = request.response();
        if (response.ended()) {
            return;
        }
        response.headers().clear();
        response.setStatusCode(error.status()).setStatusMessage(
                io.netty.handler.codec.http.HttpResponseStatus.valueOf(error.status()).reasonPhrase());
        response.putHeader("Content-Type", "application/json").putHeader(RequestIds.HEADER, requestId);
        CacheControl.NO_STORE.on(response);
        if (error.status() == 401) { // RFC 9110 §15.5.2 demands it
            response.putHeader("WWW-Authenticate", "Bearer realm=\"NVIDIA Sidecar\"");
        }
        if (retryAfter != null) {
            response.putHeader("Retry-After", Long.toString(Math.max(1, retryAfter.plusMillis(999).toSeconds())));
        }
        response.end(Buffer.buffer(error.toJson()));
    }
}
