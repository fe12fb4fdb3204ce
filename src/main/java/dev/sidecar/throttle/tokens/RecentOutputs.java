package dev.sidecar.throttle.tokens;

import java.util.Arrays;
import java.util.OptionalLong;

/** The output of the last {@value #MOST} responses of a kind. Not thread-safe. */
final class RecentOutputs {

    static final int MOST = 40;

    private final long[] outputs = new long[MOST];
    private int count;
    private int next;
    private OptionalLong usual = OptionalLong.empty();

    void add(long output) {
        outputs[next] = output;
        next = (next + 1) % MOST;
        count = Math.min(MOST, count + 1);
        long[] sorted = Arrays.copyOf(outputs, count);
        Arrays.sort(sorted);
        usual = OptionalLong.of(sorted[Math.ceilDiv(9 * count, 10) - 1]);
    }

    /** What at least 9 of 10 took; empty if there were none. */
    OptionalLong usual() {
        return usual;
    }
}
