package dev.sidecar.proving;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/** How long requests waited for their slots. Not thread-safe. */
final class Waits {

    private final List<Long> nanos = new ArrayList<>();

    /** The waits of all these callers together. */
    static Waits of(Stream<Figures.Served> callers) {
        Waits all = new Waits();
        callers.forEach(each -> all.nanos.addAll(each.waits().nanos));
        return all;
    }

    void add(Duration wait) {
        nanos.add(wait.toNanos());
    }

    int count() {
        return nanos.size();
    }

    /** The smallest wait that this part of all (0 to 1) did not exceed, in seconds; 0 without any wait. */
    double seconds(double part) {
        if (nanos.isEmpty()) {
            return 0;
        }
        Collections.sort(nanos);
        int rank = (int) Math.ceil(part * nanos.size()) - 1;
        return nanos.get(Math.clamp(rank, 0, nanos.size() - 1)) / 1e9;
    }
}
