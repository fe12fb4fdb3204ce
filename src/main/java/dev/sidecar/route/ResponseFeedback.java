package dev.sidecar.route;

import dev.sidecar.call.ClientCall;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.budget.RateLimitSignal.Kind;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.traffic.Traffic;
import dev.sidecar.upstream.NoResponseException;
import dev.sidecar.upstream.ResponseBody;
import dev.sidecar.upstream.limits.RateLimitReader;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.jspecify.annotations.Nullable;

/**
 * Step behind the provider: tells the budget what the answer says about the limits, and decides whether the client gets
 * the answer or the request goes back to the line for another try. Before it goes back it has a place there, so an answer
 * is dropped only when another one can be hoped for; otherwise it is the client's, untouched.
 *
 * <p>Sets the exchange property {@value AdaptiveThrottle#ADMISSION_PROPERTY} to {@code queued} when the request goes back.
 * Throws the failure that the step {@code noAnswer} noted when there is no answer and no further try. Thread-safe.
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
        var answer = latest.response();
        if (answer == null) {
            throw new IllegalStateException("no answer to read: put this step behind the upstream endpoint");
        }
        if (readAnswer(answer, exchange)) {
            ResponseBody.drop(answer);
            retries.waitInQueue(exchange);
        }
    }

    private void readFailure(IOException failure, Exchange exchange) throws IOException {
        var slot = slot(exchange);
        if (slot != null) {
            slot.giveBack(); // what may have reached the provider stays used all the same
        }
        if (!mayPass(failure) || !retries.placed(exchange, Backoff.FAILURE, Duration.ZERO)) {
            throw failure;
        }
        retries.waitInQueue(exchange);
    }

    /** Whether it failed before anything of an answer came, and for a reason that may be gone with the next try. */
    private static boolean mayPass(IOException failure) {
        return failure instanceof NoResponseException && Stream.iterate((Throwable) failure, t -> t != null,
                Throwable::getCause).limit(10).noneMatch(GeneralSecurityException.class::isInstance); // a certificate
    }

    private static @Nullable Slot slot(Exchange exchange) {
        var attempt = ClientCall.of(exchange).attempt();
        return attempt == null ? null : attempt.slot();
    }

    /** Whether another try has its place in the line. */
    private boolean readAnswer(ClassicHttpResponse answer, Exchange exchange) {
        var status = answer.getCode();
        var singleModel = models.observe(ClientCall.of(exchange).model());
        var read = reader.read(status, name -> value(answer, name),
                RateLimitReader.asksForBody(status) ? ResponseBody.start(answer) : NOTHING);
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
            case 502, 503, 504 -> retries.placed(exchange, Backoff.FAILURE, pauseAfterFailure(answer));
            default -> false;
        };
    }

    /** A provider that fails may say when to come back (RFC 9110 §10.2.3), in the fields that a 429 says it with. */
    private Duration pauseAfterFailure(ClassicHttpResponse answer) {
        return answer.containsHeader("Retry-After") || answer.containsHeader("Retry-After-Ms")
                ? reader.read(TOO_MANY_REQUESTS, name -> value(answer, name), NOTHING).pause().orElse(Duration.ZERO)
                : Duration.ZERO;
    }

    private static @Nullable String value(ClassicHttpResponse answer, String name) {
        var field = answer.getFirstHeader(name);
        return field == null ? null : field.getValue();
    }
}
