package dev.sidecar.route;

import org.jspecify.annotations.Nullable;

/**
 * A failure as a log may show it: what it was and where it came from, without its messages, since Camel's and parsers' quote
 * the request.
 */
final class RedactedException extends Exception {

    private static final long serialVersionUID = 1L;
    private static final int MOST_CAUSES = 10;

    private final String type;

    private RedactedException(Throwable fault, @Nullable RedactedException cause) {
        super(null, cause);
        type = fault.getClass().getName();
        setStackTrace(fault.getStackTrace());
    }

    static RedactedException of(Throwable fault) {
        return of(fault, MOST_CAUSES);
    }

    private static RedactedException of(Throwable fault, int depth) {
        var cause = fault.getCause();
        return new RedactedException(fault, cause == null || depth == 0 ? null : of(cause, depth - 1));
    }

    @Override
    public String getMessage() {
        return type;
    }
}
