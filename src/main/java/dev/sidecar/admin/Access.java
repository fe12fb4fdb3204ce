package dev.sidecar.admin;

import dev.sidecar.http.ErrorBody;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The decision whether a request may go on. Immutable. */
sealed interface Access {

    Access GRANTED = new Granted();

    /** The request may go on. */
    record Granted() implements Access {
    }

    /**
     * The request may not go on; this is its response.
     *
     * @param retryAfter when a further attempt is worthwhile, null if unknown
     */
    record Denied(ErrorBody error, @Nullable Duration retryAfter) implements Access {

        Denied(ErrorBody error) {
            this(error, null);
        }
    }

    /** The client has not identified itself (RFC 9110 §15.5.2). */
    static Access unauthorized(String why) {
        return new Denied(ErrorBody.authentication(401, "unauthorized", why));
    }

    /** @param time until another wrong token is checked */
    static Access tooManyGuesses(Duration time) {
        return new Denied(ErrorBody.rateLimit("too_many_guesses",
                "too many wrong tokens came from this address: the next wrong one is looked at in "
                        + Math.max(1, time.plusMillis(999).toSeconds())
                        + " s; the right one is accepted at any time"),
                time);
    }

    static Access forbidden(String why) {
        return new Denied(ErrorBody.authentication(403, "forbidden", why));
    }
}
