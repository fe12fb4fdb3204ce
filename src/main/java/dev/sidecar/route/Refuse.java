package dev.sidecar.route;

import dev.sidecar.http.ErrorBody;
import dev.sidecar.http.RequestRefusedException;
import java.time.Duration;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Ends a request with an error in OpenAI's shape, as a route words it.
 *
 * <p>Reads the exchange properties {@value #STATUS} (400 to 599; 403 if absent), {@value #CODE}, {@value #MESSAGE} and
 * {@value #RETRY_AFTER} (whole seconds; no {@code Retry-After} if absent). The error's type follows from the status.
 * Thread-safe.
 */
public final class Refuse implements Processor {

    public static final String STATUS = "SidecarErrorStatus";
    public static final String CODE = "SidecarErrorCode";
    public static final String MESSAGE = "SidecarErrorMessage";
    public static final String RETRY_AFTER = "SidecarErrorRetryAfter";

    private static final Pattern SANE_CODE = Pattern.compile("[a-z0-9_]{1,64}");

    @Override
    public void process(Exchange exchange) {
        var retryAfter = exchange.getProperty(RETRY_AFTER, Long.class);
        throw new RequestRefusedException(error(exchange),
                retryAfter == null ? null : Duration.ofSeconds(Math.max(1, retryAfter)));
    }

    private static ErrorBody error(Exchange exchange) {
        int status = exchange.getProperty(STATUS, 403, Integer.class);
        var code = exchange.getProperty(CODE, "refused_by_route", String.class);
        if (status < 400 || status > 599 || !SANE_CODE.matcher(code).matches()) {
            throw new IllegalStateException(
                    STATUS + " must be 400 to 599, and " + CODE + " a-z, 0-9 and _, at most 64 of them");
        }
        var message = exchange.getProperty(MESSAGE, "The sidecar's routes refuse this request.", String.class);
        return ErrorBody.of(status, code, message);
    }
}
