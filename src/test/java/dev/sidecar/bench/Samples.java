package dev.sidecar.bench;

import java.util.Arrays;

/** Durations in nanoseconds, all of them kept, so that percentiles are exact. */
final class Samples {

    private long[] nanos = new long[1 << 14];
    private int count;

    void add(long sample) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, count * 2);
        }
        nanos[count++] = sample;
    }

    int count() {
        return count;
    }

    /** The smallest sample that this share of all samples does not exceed, in milliseconds. */
    double millisAt(double share) {
        if (count == 0) {
            return Double.NaN;
        }
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        int rank = (int) Math.ceil(share * count);
        return sorted[Math.max(rank, 1) - 1] / 1e6;
    }
}
