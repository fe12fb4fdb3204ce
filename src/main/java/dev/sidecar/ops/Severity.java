package dev.sidecar.ops;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How serious a condition is, the least serious first. */
public enum Severity {
    /** All is well. */
    GOOD,
    /** All is well, and there is much to do. */
    BUSY,
    /** Fewer requests are served than possible, or soon will be. */
    WARN,
    /** Requests are not served. */
    BAD;

    /** The name in JSON. */
    @JsonValue
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
