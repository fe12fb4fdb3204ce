package dev.sidecar.admin;

import dev.sidecar.relay.ErrorBody;

/** Whether a request may go on. Immutable. */
sealed interface Access {

    Access GRANTED = new Granted();

    /** It may. */
    record Granted() implements Access {
    }

    /** It may not; this is the answer. */
    record Denied(ErrorBody error) implements Access {
    }

    /** Who asks has not said who it is (RFC 9110 §15.5.2). */
    static Access unauthorized(String why) {
        return new Denied(ErrorBody.authentication(401, "unauthorized", why));
    }

    static Access forbidden(String why) {
        return new Denied(ErrorBody.authentication(403, "forbidden", why));
    }
}
