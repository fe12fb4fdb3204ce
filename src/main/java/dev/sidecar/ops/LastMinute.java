package dev.sidecar.ops;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What counters showed in the last minute, from which follows how much they have counted since. Immutable. */
record LastMinute(List<Sample> samples) {

    private static final long MINUTE_NANOS = 60_000_000_000L;

    static final LastMinute NOTHING = new LastMinute(List.of());

    /** All counters at one time. */
    record Sample(long nanos, Map<String, Long> counters) {

        Sample {
            counters = Map.copyOf(counters);
        }
    }

    LastMinute {
        samples = List.copyOf(samples);
    }

    /** With one more sample, and without those that are older than a minute. */
    LastMinute with(long nanos, Map<String, Long> counters) {
        var kept = new ArrayList<>(samples);
        kept.removeIf(sample -> nanos - sample.nanos > MINUTE_NANOS);
        kept.add(new Sample(nanos, counters));
        return new LastMinute(kept);
    }

    /** How much a counter has counted in the last minute. Null where it is not known. */
    @Nullable
    Long since(String counter, Map<String, Long> now, long nanos) {
        var count = now.get(counter);
        var first = samples.stream().filter(sample -> nanos - sample.nanos <= MINUTE_NANOS).findFirst();
        if (count == null || first.isEmpty()) {
            return null;
        }
        var before = first.get().counters.getOrDefault(counter, 0L);
        // A counter that is smaller than it was belongs to new routes, which have begun to count since.
        return before <= count ? count - before : count;
    }
}
