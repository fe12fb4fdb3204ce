package dev.sidecar.throttle.order;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The class of a request: a free slot goes to the highest class that waits. Declared from highest to lowest. */
public enum Priority {
    HIGH(0), NORMAL(1), LOW(2);

    private final int rank;
    private final String label = name().toLowerCase(Locale.ROOT);

    Priority(int rank) {
        this.rank = rank;
    }

    /** Reads the caller's text in any case, ignoring spaces around it; absent or unknown text means {@link #NORMAL}. */
    public static Priority parse(@Nullable String text) {
        if (text == null) {
            return NORMAL;
        }
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "high" -> HIGH;
            case "low" -> LOW;
            default -> NORMAL;
        };
    }

    /** The name used in headers, metrics and JSON: {@code high}, {@code normal} or {@code low}. */
    public String label() {
        return label;
    }

    /** Whether it only uses what other classes leave. */
    public boolean isLow() {
        return this == LOW;
    }

    /** 0 for the highest class, one more for each below it. */
    int rank() {
        return rank;
    }
}
