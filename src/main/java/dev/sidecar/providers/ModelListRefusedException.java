package dev.sidecar.providers;

import java.io.IOException;

/** A provider responds, but not with its list of models. */
public final class ModelListRefusedException extends IOException {

    private static final long serialVersionUID = 1L;

    private final int status;

    /** @param status of the response */
    public ModelListRefusedException(int status) {
        super("status " + status);
        this.status = status;
    }

    public int status() {
        return status;
    }
}
