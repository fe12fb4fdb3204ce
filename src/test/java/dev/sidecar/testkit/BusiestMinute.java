package dev.sidecar.testkit;

import java.util.List;
import java.util.concurrent.TimeUnit;

/** Counts as the strictest provider does. Stateless. */
public final class BusiestMinute {

    private BusiestMinute() {
    }

    /** @param arrivals in nanoseconds, in order
     * @return the most of them in any 60 s */
    public static int of(List<Long> arrivals) {
        int most = 0;
        int from = 0;
        for (int to = 0; to < arrivals.size(); to++) {
            while (arrivals.get(to) - arrivals.get(from) >= TimeUnit.MINUTES.toNanos(1)) {
                from++;
            }
            most = Math.max(most, to - from + 1);
        }
        return most;
    }
}
