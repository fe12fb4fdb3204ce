package dev.sidecar.fleet;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** When each of the latest beats of this home was sent. Not thread-safe. All times in nanoseconds. */
final class Beats {

    private final long kept;
    private final Map<Long, Long> sentAt = new LinkedHashMap<>();
    private long latest;

    /** @param kept how long a beat is remembered */
    Beats(long kept) {
        this.kept = kept;
    }

    /** The number of the next beat, which is sent now. */
    long next(long now) {
        sentAt.values().removeIf(each -> now - each > kept);
        latest++;
        sentAt.put(latest, now);
        return latest;
    }

    /** Null if it is not remembered. */
    @Nullable
    Long sentAt(long beat) {
        return sentAt.get(beat);
    }
}
