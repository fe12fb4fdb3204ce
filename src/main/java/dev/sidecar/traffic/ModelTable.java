package dev.sidecar.traffic;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Requests and latency by model. Clients choose the names, so there are at most {@value #MOST_MODELS} rows; every
 * further name counts under {@value #OTHER}.
 *
 * <p>Thread-safe: one lock, held for a map look-up.
 */
public final class ModelTable {

    static final int MOST_MODELS = 50;
    static final String OTHER = "other";

    private final Map<String, Row> rows = new HashMap<>();

    /** Counts a request with a response; {@code latency} runs from the request's write to the end of the response. */
    public void answered(@Nullable String model, int status, Duration latency) {
        synchronized (rows) {
            // A refused request may have an invented or mistyped name.
            var row = rowFor(model == null || status >= 400 && !rows.containsKey(model) ? OTHER : model);
            row.requests++;
            row.errors += status >= 400 ? 1 : 0;
            row.totalNanos += latency.toNanos();
            row.maxNanos = Math.max(row.maxNanos, latency.toNanos());
        }
    }

    private Row rowFor(String name) {
        var row = rows.get(name);
        if (row == null) {
            var free = rows.size() - (rows.containsKey(OTHER) ? 1 : 0) < MOST_MODELS || name.equals(OTHER);
            row = rows.computeIfAbsent(free ? name : OTHER, key -> new Row());
        }
        return row;
    }

    /** All rows, the busiest first. */
    public List<ModelStats> stats() {
        synchronized (rows) {
            var stats = new ArrayList<ModelStats>(rows.size());
            rows.forEach((name, row) -> stats.add(row.stats(name)));
            stats.sort(Comparator.comparingLong(ModelStats::requests).reversed().thenComparing(ModelStats::model));
            return List.copyOf(stats);
        }
    }

    /** One row; latencies in milliseconds. */
    public record ModelStats(String model, long requests, long errors, double latencyMsAvg, double latencyMsMax) {
    }

    private static final class Row {

        private long requests;
        private long errors;
        private long totalNanos;
        private long maxNanos;

        private static double tenths(double millis) {
            return Math.round(millis * 10) / 10.0;
        }

        ModelStats stats(String name) {
            return new ModelStats(name, requests, errors, tenths(totalNanos / 1e6 / requests), tenths(maxNanos / 1e6));
        }
    }
}
