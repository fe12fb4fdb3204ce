package dev.sidecar.files;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides when to read files that are being edited: when they differ from the last read state and have been unchanged
 * for a while. So no file is read half-written. Immutable: each look returns the next state.
 */
record QuietPeriod(Duration length, @Nullable Map<String, ?> read, @Nullable Map<String, ?> latest,
        long sinceNanos, boolean isOver) {

    /** @param read the look of the files when they were read; null if they have not been read */
    static QuietPeriod after(@Nullable Map<String, ?> read, Duration length) {
        return new QuietPeriod(length, read, read, 0, false);
    }

    /** Whether the files have unread changes. */
    boolean isRunning() {
        return latest != null && !latest.equals(read);
    }

    /** Takes a look. If {@link #isOver} of the result is true, read the files now; the look then counts as read. */
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
