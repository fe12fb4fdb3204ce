package dev.sidecar.upstream;

import java.io.IOException;
import java.util.Objects;

/**
 * The connection could not be made, or not in time, or failed before the first byte of a response. Whether the provider
 * has seen the request is unknown; it has not responded to it.
 */
public final class NoResponseException extends IOException {

    private static final long serialVersionUID = 1L;

    NoResponseException(IOException cause) {
        super(cause);
    }

    /** The failure of the connection. */
    public IOException failure() {
        return (IOException) Objects.requireNonNull(getCause());
    }
}
