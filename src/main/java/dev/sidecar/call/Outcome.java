package dev.sidecar.call;

import dev.sidecar.http.ErrorBody;
import java.util.Locale;

/** How a request below /v1 ended, for any cause. The labels are the values of the {@code outcome} tag. */
public enum Outcome {
    /** The provider's response, 1xx to 3xx, was relayed whole. */
    OK,
    /** The provider's response was relayed: 4xx other than 429. */
    CLIENT_ERROR,
    /** The provider's 429 was relayed, because no further attempt would have been in time. */
    RATE_LIMITED,
    /** The provider's 5xx was relayed, or the provider could not be reached, and the client got a 502. */
    UPSTREAM_ERROR,
    /** The provider did not begin its response in time, and the client got a 504. */
    TIMEOUT,
    /** The response was broken off, because the provider broke off its own or the sidecar stopped. */
    CUT_OFF,
    /** The sidecar refused for lack of a slot or memory, for an open circuit, or because it stops: 429 or 503. */
    REFUSED,
    /** The sidecar refused the request as such: not JSON, too large, too slow, no such path. */
    INVALID,
    /** The client left before the end, or stopped reading. */
    CANCELLED,
    /** A fault of the sidecar or of a route: 500. */
    INTERNAL_ERROR;

    private final String label = name().toLowerCase(Locale.ROOT);

    public String label() {
        return label;
    }

    /** The outcome of a response of the provider, or of a route that responds itself. */
    static Outcome ofStatus(int status) {
        if (status < 400) {
            return OK;
        }
        return status == 429 ? RATE_LIMITED : status < 500 ? CLIENT_ERROR : UPSTREAM_ERROR;
    }

    /** The outcome of one of the sidecar's own error responses. */
    public static Outcome ofError(ErrorBody error) {
        return switch (error.status()) {
            case 429, 503 -> REFUSED;
            case 502 -> UPSTREAM_ERROR;
            case 504 -> TIMEOUT;
            case 500 -> INTERNAL_ERROR;
            default -> INVALID;
        };
    }
}
