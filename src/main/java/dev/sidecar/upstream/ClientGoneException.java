package dev.sidecar.upstream;

import java.io.IOException;

/** The call to the provider was ended because its client has gone: this is no failure. */
public final class ClientGoneException extends IOException {

    private static final long serialVersionUID = 1L;

    ClientGoneException(Exception cause) {
        super("the client has gone", cause);
    }
}
