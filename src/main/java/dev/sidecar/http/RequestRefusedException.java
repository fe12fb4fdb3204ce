package dev.sidecar.http;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The sidecar itself refuses a request, with an answer of its own.
 *
 * <p>It has no stack trace: it is an answer, not a fault, and refusing must stay cheap when many are refused.
 */
public final class RequestRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient ErrorBody error;
    private final transient @Nullable Duration retryAfter;

    public RequestRefusedException(ErrorBody error) {
        this(error, null);
    }

    /** @param retryAfter when it is worth another try, if that is known */
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
