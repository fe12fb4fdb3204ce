package dev.sidecar.reload;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides when a folder that is being edited is worth reading: when it looks different from what was read last and has
 * looked the same for a while, so that a file is not read half-written. Immutable: each look leads to the next state.
 */
record QuietPeriod(Duration length, @Nullable Map<String, ?> read, @Nullable Map<String, ?> latest,
        long sinceNanos, boolean isOver) {

    /** @param read what the folder looked like when it was read; null when it has not been */
    static QuietPeriod after(@Nullable Map<String, ?> read, Duration length) {
        return new QuietPeriod(length, read, read, 0, false);
    }

    /** Whether something has been written that has not been read. */
    boolean isRunning() {
        return latest != null && !latest.equals(read);
    }

    /** {@link #isOver} of what comes back says whether to read the folder now; if so, that is taken for done. */
    QuietPeriod look(Map<String, ?> look, long nowNanos) {
        if (!look.equals(latest)) {
            return new QuietPeriod(length, read, look, nowNanos, false);
        }
        if (look.equals(read)) {
            return new QuietPeriod(length, read, look, nowNanos, false);
        }
        if (nowNanos - sinceNanos < length.toNanos()) {
            return new QuietPeriod(length, read, look, sinceNanos, false);
        }
        return new QuietPeriod(length, look, look, nowNanos, true);
    }
}
