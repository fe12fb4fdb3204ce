package dev.sidecar.simulator;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * When POST requests reached the simulated provider, for those who count what it sees: also the refused ones, since they came. The
 * latest {@value #KEPT} are kept. On one event loop.
 */
final class Arrivals {

    static final int KEPT = 100_000;

    private final Deque<Arrival> all = new ArrayDeque<>();

    private record Arrival(long epochMillis, boolean accepted) {
    }

    void add(Instant time, boolean accepted) {
        if (all.size() == KEPT) {
            all.remove();
        }
        all.add(new Arrival(time.toEpochMilli(), accepted));
    }

    /** The times of all, in milliseconds since 1970 and in their order, and how many of them were refused. */
    JsonObject toJson() {
        JsonArray times = new JsonArray();
        all.forEach(each -> times.add(each.epochMillis()));
        return new JsonObject().put("arrivals_ms", times)
                .put("refused", all.stream().filter(each -> !each.accepted()).count());
    }
}
