package dev.sidecar.throttle.order;

import java.util.ArrayList;
import java.util.List;

/** Counts expected starts by the second. Not thread-safe; for one use. All times in nanoseconds from now. */
final class StartBins {

    private static final int SECONDS = 120;
    private static final long SECOND = 1_000_000_000L;

    /** Later starts share one bin. */
    static final long HORIZON = SECONDS * SECOND;

    private final int[][] counts = new int[SECONDS + 1][Priority.values().length];

    void add(Priority priority, long start) {
        counts[Math.clamp(start / SECOND, 0, SECONDS)][priority.rank()]++;
    }

    void addUnknown(Priority priority, int count) {
        counts[SECONDS][priority.rank()] += count;
    }

    /** Starts at even distances, the first at {@code from} and the last at {@code to}. */
    void spread(Priority priority, int count, long from, long to) {
        int done = 0;
        for (int second = 0; second < SECONDS && done < count; second++) {
            double share = ((second + 1) * SECOND - from) / (double) Math.max(1, to - from);
            int until = (int) (count * Math.clamp(share, 0, 1));
            counts[second][priority.rank()] += until - done;
            done = until;
        }
        addUnknown(priority, count - done);
    }

    /** All but the empty ones. */
    List<StartBin> list() {
        List<StartBin> bins = new ArrayList<>();
        for (int second = 0; second <= SECONDS; second++) {
            int[] count = counts[second];
            if (count[0] + count[1] + count[2] > 0) {
                bins.add(new StartBin(second, count[0], count[1], count[2]));
            }
        }
        return bins;
    }
}
