package dev.sidecar.http;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The sidecar itself refuses a request with its own response.
 *
 * <p>It has no stack trace: it is a response and no fault, and many refusals must stay cheap.
 */
public final class RequestRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient ErrorBody error;
    private final transient @Nullable Duration retryAfter;

    public RequestRefusedException(ErrorBody error) {
        this(error, null);
    }

    /** @param retryAfter when a further attempt is worthwhile, null if unknown */
    public RequestRefusedException(ErrorBody error, @Nullable Duration retryAfter) {
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
}
