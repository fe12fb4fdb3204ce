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

    private record Arrival(long epochMillis, boolean accepted, int tokens) {
    }

    /** @param tokens those of the request and its whole response */
    void add(Instant time, boolean accepted, int tokens) {
        if (all.size() == KEPT) {
            all.remove();
        }
        all.add(new Arrival(time.toEpochMilli(), accepted, accepted ? tokens : 0));
    }

    /**
     * The times of all, in milliseconds since 1970 and in their order; their tokens, 0 for refused ones; and how many of
     * them were refused.
     */
    JsonObject toJson() {
        JsonArray times = new JsonArray();
        JsonArray tokens = new JsonArray();
        all.forEach(each -> {
            times.add(each.epochMillis());
            tokens.add(each.tokens());
        });
        return new JsonObject().put("arrivals_ms", times).put("tokens", tokens)
                .put("refused", all.stream().filter(each -> !each.accepted()).count());
    }
}
