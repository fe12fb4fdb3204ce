package dev.sidecar.upstream;

import java.io.IOException;
import java.util.Objects;

/**
 * The connection could not be made, also for want of time, or failed before a byte of an answer came. Whether the provider has seen the request
 * is not known, but it has said nothing about it.
 */
public final class NoResponseException extends IOException {

    private static final long serialVersionUID = 1L;

    NoResponseException(IOException cause) {
        super(cause);
    }

    /** What went wrong. */
    public IOException failure() {
        return (IOException) Objects.requireNonNull(getCause());
    }
}
