package dev.sidecar.ops;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How worrying something is, the least first. */
public enum Severity {
    /** All is well. */
    GOOD,
    /** All is well, and there is much to do. */
    BUSY,
    /** Less is served than could be, or soon will be. */
    WARN,
    /** Requests are not served. */
    BAD;

    /** In answers. */
    @JsonValue
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
