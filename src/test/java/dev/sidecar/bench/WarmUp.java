package dev.sidecar.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * What a request costs in the first seconds after the start, beside what it costs later. Each interval offers the same
 * requests; what the proxy has not answered at its end is answered afterwards, and counts for neither.
 */
record WarmUp(List<Interval> cold, List<Interval> warm) {

    WarmUp {
        cold = List.copyOf(cold);
        warm = List.copyOf(warm);
    }

    /** @param answers and CPU seconds up to the end of the interval */
    record Interval(int offered, int answers, double cpuSeconds, double p50, double p99, double max) {

        double cpuMicrosEach() {
            return cpuSeconds * 1e6 / answers;
        }
    }

    /** The median of the cold starts over the median of the warm intervals. */
    double ratio() {
        return Figures.median(cold, Interval::cpuMicrosEach) / Figures.median(warm, Interval::cpuMicrosEach);
    }

    Findings findings(long intervalSeconds, int warmUpSeconds) {
        List<Object> details = new ArrayList<>(cold);
        details.addAll(warm);
        return new Findings(
                "warm-up: %d requests/s for %d s".formatted(Settings.REQUESTS_PER_SECOND, intervalSeconds),
                List.of("cold: medians of %d starts, beginning right after the first proxied answer"
                        .formatted(cold.size()),
                        "warm: medians of %d intervals after %d s under full load".formatted(warm.size(),
                                warmUpSeconds)),
                List.of(new Finding("cpu_ratio", "CPU per request, cold to warm  ×", ratio(), Goal.atMost(2, "")),
                        Finding.of("cpu_us_per_request_cold", "  cold                        µs",
                                Figures.median(cold, Interval::cpuMicrosEach)),
                        Finding.of("cpu_us_per_request_warm", "  warm                        µs",
                                Figures.median(warm, Interval::cpuMicrosEach)),
                        Finding.of("offered", "requests offered", Figures.median(cold, Interval::offered)),
                        Finding.of("answers_cold", "  answered in time, cold",
                                Figures.median(cold, Interval::answers)),
                        Finding.of("answers_warm", "  answered in time, warm",
                                Figures.median(warm, Interval::answers)),
                        Finding.of("latency_ms_p99_cold", "latency p99, cold             ms",
                                Figures.median(cold, Interval::p99)),
                        Finding.of("latency_ms_p99_warm", "latency p99, warm             ms",
                                Figures.median(warm, Interval::p99))),
                details);
    }
}
