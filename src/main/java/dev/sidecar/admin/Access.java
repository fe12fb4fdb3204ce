package dev.sidecar.admin;

import dev.sidecar.http.ErrorBody;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Whether a request may go on. Immutable. */
sealed interface Access {

    Access GRANTED = new Granted();

    /** It may. */
    record Granted() implements Access {
    }

    /**
     * It may not; this is the answer.
     *
     * @param retryAfter when it is worth asking again, if that is known
     */
    record Denied(ErrorBody error, @Nullable Duration retryAfter) implements Access {

        Denied(ErrorBody error) {
            this(error, null);
        }
    }

    /** Who asks has not said who it is (RFC 9110 §15.5.2). */
    static Access unauthorized(String why) {
        return new Denied(ErrorBody.authentication(401, "unauthorized", why));
    }

    /** @param time until another wrong token is looked at */
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
