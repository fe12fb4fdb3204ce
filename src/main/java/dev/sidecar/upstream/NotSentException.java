package dev.sidecar.upstream;

import java.io.IOException;

/** The request was not sent, since its slot may be used no longer: this is no failure of the provider. */
public final class NotSentException extends IOException {

    private static final long serialVersionUID = 1L;

    public NotSentException() {
        super("the slot of this request may be used no longer");
    }
}
