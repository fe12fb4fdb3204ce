package dev.sidecar.call;

import dev.sidecar.http.ErrorBody;
import java.util.Locale;

/** How a request below /v1 ended, whoever is to blame. The labels are the values of the {@code outcome} tag. */
public enum Outcome {
    /** The provider's answer, 1xx to 3xx, was relayed whole. */
    OK,
    /** The provider's answer was relayed: 4xx other than 429. */
    CLIENT_ERROR,
    /** The provider's 429 was relayed, since no further try would have been in time. */
    RATE_LIMITED,
    /** The provider's 5xx was relayed, or it could not be reached, which is answered 502. */
    UPSTREAM_ERROR,
    /** The provider did not begin its answer in time, which is answered 504. */
    TIMEOUT,
    /** The provider broke off its answer, or the sidecar stopped in the middle of it, so the client's was broken off. */
    CUT_OFF,
    /** The sidecar refused for want of a slot, a closed circuit or memory, or since it stops: 429 or 503. */
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

    /** Of an answer of the provider's, or of a route that answers itself. */
    static Outcome ofStatus(int status) {
        if (status < 400) {
            return OK;
        }
        return status == 429 ? RATE_LIMITED : status < 500 ? CLIENT_ERROR : UPSTREAM_ERROR;
    }

    /** Of an error answer of the sidecar's own. */
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
