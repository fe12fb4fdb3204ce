package dev.sidecar.route;

import dev.sidecar.call.ClientCall;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.budget.RateLimitSignal.Kind;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.traffic.Traffic;
import dev.sidecar.upstream.BegunResponse;
import dev.sidecar.upstream.NoResponseException;
import dev.sidecar.upstream.NotSentException;
import dev.sidecar.upstream.ResponseBody;
import dev.sidecar.upstream.limits.RateLimitReader;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.jspecify.annotations.Nullable;

/**
 * Step behind the provider: tells the budget what the response says about the limits, and decides whether the client gets
 * the response or the request goes back to the queue for another attempt. Before it goes back it has a place there, so a response
 * is dropped only when another one can be hoped for; otherwise it is the client's, untouched.
 *
 * <p>Sets the exchange property {@value AdaptiveThrottle#ADMISSION_PROPERTY} to {@code queued} when the request goes back.
 * Throws the failure that the step {@code noAnswer} noted when there is no response and no further attempt. Thread-safe.
 */
public final class ResponseFeedback implements Processor {

    private static final int TOO_MANY_REQUESTS = 429;

    private static final byte[] NOTHING = {};

    private final RateLimitReader reader;
    private final RetryPolicy retries;
    private final Traffic traffic;
    private final SingleModel models;

    public ResponseFeedback(RateLimitReader reader, RetryPolicy retries, Traffic traffic, NanoClock clock) {
        this.models = new SingleModel(clock);
        this.reader = reader;
        this.retries = retries;
        this.traffic = traffic;
    }

    @Override
    public void process(Exchange exchange) throws IOException {
        var call = ClientCall.of(exchange);
        var latest = call.latest();
        if (latest == null) {
            throw new IllegalStateException("nothing was sent: put the step 'upstreamRequest' before this one");
        }
        var failure = latest.failure();
        if (failure != null) {
            readFailure(failure, exchange);
            return;
        }
        var response = latest.response();
        if (response == null) {
            throw new IllegalStateException("no answer to read: put this step behind the upstream endpoint");
        }
        if (readResponse(response, exchange)) {
            ResponseBody.drop(response);
            retries.waitInQueue(exchange);
        } else if (call.isBegun() && BegunResponse.takes(response)) {
            awaitFirst(response, exchange);
        }
    }

    /** As long as nothing was relayed the client waits, with signs of life, and another attempt can follow. */
    private void awaitFirst(ClassicHttpResponse response, Exchange exchange) throws IOException {
        try {
            ResponseBody.awaitFirst(response);
        } catch (IOException failure) {
            if (!mayPass(failure, true) || !retries.placed(exchange, Backoff.FAILURE, Duration.ZERO)) {
                throw failure;
            }
            traffic.upstreamError();
            retries.waitInQueue(exchange);
        }
    }

    private void readFailure(IOException failure, Exchange exchange) throws IOException {
        var begun = ClientCall.of(exchange).isBegun();
        var slot = slot(exchange);
        if (slot != null) {
            slot.giveBack(); // what may have reached the provider stays used all the same
        }
        if (failure instanceof NotPermittedException notPermitted) {
            if (!retries.placed(exchange, Backoff.NONE, begun ? OpenCircuit.MOMENT : Duration.ZERO)) {
                throw notPermitted.refusal();
            }
        } else if (failure instanceof NotSentException) {
            if (!retries.placed(exchange, Backoff.NONE, Duration.ZERO)) {
                throw failure;
            }
        } else if (!mayPass(failure, begun) || !retries.placed(exchange, Backoff.FAILURE, Duration.ZERO)) {
            throw failure;
        }
        retries.waitInQueue(exchange);
    }

    /**
     * Whether it failed before anything of a response came, and for a reason that may be gone with the next attempt.
     *
     * @param begun whether what has come of a response does not count, since the client has got nothing of it
     */
    private static boolean mayPass(IOException failure, boolean begun) {
        return (failure instanceof NoResponseException || begun && !(failure instanceof SocketTimeoutException))
                && Stream.iterate((Throwable) failure, t -> t != null,
                        Throwable::getCause).limit(10).noneMatch(GeneralSecurityException.class::isInstance); // a certificate
    }

    private static @Nullable Slot slot(Exchange exchange) {
        var attempt = ClientCall.of(exchange).attempt();
        return attempt == null ? null : attempt.slot();
    }

    /** Whether another attempt has its place in the queue. */
    private boolean readResponse(ClassicHttpResponse response, Exchange exchange) {
        var status = response.getCode();
        var singleModel = models.observe(ClientCall.of(exchange).model());
        var read = reader.read(status, name -> value(response, name),
                RateLimitReader.asksForBody(status) ? ResponseBody.start(response) : NOTHING);
        var signal = singleModel ? read : read.withoutWindow();
        if (status == TOO_MANY_REQUESTS) {
            traffic.upstream429();
        }
        var workerCap = signal.kind() == Kind.WORKER_CAP;
        if (workerCap) {
            retries.workerCapReached(exchange);
        }
        var slot = slot(exchange);
        if (slot != null) {
            if (status == TOO_MANY_REQUESTS && !workerCap) {
                slot.refused(signal);
            } else {
                slot.succeeded(signal);
            }
        }
        if (workerCap) {
            return retries.placed(exchange, Backoff.REFUSAL, Duration.ZERO);
        }
        return switch (status) {
            case TOO_MANY_REQUESTS -> signal.kind() != Kind.QUOTA_SPENT
                    && retries.placed(exchange, Backoff.REFUSAL, Duration.ZERO);
            case 401, 402, 403 -> retries.placedWithAnotherKey(exchange, status);
            case 502, 503, 504 -> retries.placed(exchange, Backoff.FAILURE, pauseAfterFailure(response));
            default -> false;
        };
    }

    /** A provider that fails may say when to come back (RFC 9110 §10.2.3), in the fields that a 429 says it with. */
    private Duration pauseAfterFailure(ClassicHttpResponse response) {
        return response.containsHeader("Retry-After") || response.containsHeader("Retry-After-Ms")
                ? reader.read(TOO_MANY_REQUESTS, name -> value(response, name), NOTHING).pause().orElse(Duration.ZERO)
                : Duration.ZERO;
    }

    private static @Nullable String value(ClassicHttpResponse response, String name) {
        var field = response.getFirstHeader(name);
        return field == null ? null : field.getValue();
    }
}
