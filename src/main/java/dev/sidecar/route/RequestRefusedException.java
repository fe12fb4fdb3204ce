package dev.sidecar.route;

import dev.sidecar.relay.ErrorBody;
import dev.sidecar.throttle.Refusal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The sidecar itself refuses a request. Every refusal is built here, so that all of them can be read in one place.
 *
 * <p>It has no stack trace: it is an answer, not a fault, and refusing must stay cheap when many are refused.
 */
public final class RequestRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient ErrorBody error;
    private final transient @Nullable Duration retryAfter;

    RequestRefusedException(ErrorBody error) {
        this(error, null);
    }

    private RequestRefusedException(ErrorBody error, @Nullable Duration retryAfter) {
        super(error.message(), null, false, false);
        this.error = error;
        this.retryAfter = retryAfter;
    }

    public ErrorBody error() {
        return error;
    }

    public @Nullable Duration retryAfter() {
        return retryAfter;
    }

    static RequestRefusedException byThrottle(Refusal refusal) {
        var code = refusal.reason().code();
        var error = switch (refusal.reason()) {
            case QUEUE_FULL, QUEUE_TIMEOUT, DEADLINE_UNREACHABLE -> ErrorBody.rateLimit(code, refusal.message());
            case SHUTTING_DOWN, CIRCUIT_OPEN -> ErrorBody.apiError(503, code, refusal.message());
        };
        return new RequestRefusedException(error, refusal.retryAfter());
    }

    static RequestRefusedException shuttingDown() {
        return new RequestRefusedException(
                ErrorBody.apiError(503, "shutting_down", "The sidecar is shutting down and takes nothing more."),
                Duration.ofSeconds(5));
    }

    static RequestRefusedException invalidJson(String why) {
        return new RequestRefusedException(ErrorBody.invalidRequest(400, "invalid_json",
                "the request body is not valid JSON although its content type says so: " + why));
    }

    static ErrorBody notFound() {
        return ErrorBody.invalidRequest(404, "not_found",
                "nothing is served here; the OpenAI-compatible API is below /v1");
    }
}
