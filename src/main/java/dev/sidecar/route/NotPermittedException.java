package dev.sidecar.route;

import dev.sidecar.http.RequestRefusedException;
import java.io.IOException;

/** The circuit breaker has not let an attempt through, and another provider may serve the request. */
final class NotPermittedException extends IOException {

    private static final long serialVersionUID = 1L;

    private final transient RequestRefusedException refusal;

    /** @param refusal what the client is told where nobody else can serve it */
    NotPermittedException(RequestRefusedException refusal) {
        super(refusal.getMessage());
        this.refusal = refusal;
    }

    RequestRefusedException refusal() {
        return refusal;
    }
}
