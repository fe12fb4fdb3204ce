package dev.sidecar.proving;

import dev.sidecar.simulator.limits.Shape;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.ThrottleSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A row of the proving run: settings, a shape of provider, and a demand. Immutable.
 *
 * @param settings the operator's settings
 * @param shape the provider's way of counting
 * @param from when the measurement begins: until then the sidecar may learn
 * @param target the target, empty if the row only shows figures
 */
record Case(String name, ThrottleSettings settings, Shape shape, Demand demand, Duration from,
        Optional<Target> target) {

    /** So long that no client's deadline influences the result. */
    private static final Duration PATIENCE = Duration.ofMinutes(20);
    private static final Duration FLOOD_PATIENCE = Duration.ofSeconds(2);
    private static final Duration OVERFLOW_PATIENCE = Duration.ofSeconds(150);
    private static final Duration CLIENT_PATIENCE = Duration.ofHours(2);

    /**
     * The target of a row.
     *
     * @param leastUsed the smallest used part of the allowed budget, 0 to 1
     * @param mostRefused the largest part of refusals among the provider's responses, 0 to 1
     * @param longestWait the longest wait of 99 % of the requests that come now and then, in seconds
     * @param clientsSpared whether no client may get a 429
     * @param leastFairness the smallest index of fairness between clients, 0 to 1
     */
    record Target(double leastUsed, double mostRefused, double longestWait, boolean clientsSpared,
            double leastFairness) {

        private static final double FAIR = 0.99;

        static Target of(double usedPercent, double refusedPercent) {
            return new Target(usedPercent / 100, refusedPercent / 100, Double.POSITIVE_INFINITY, true, 0);
        }

        static Target highWait(double seconds) {
            return new Target(0, 1, seconds, false, 0);
        }

        /** The target for clients that share a class. */
        static Target shares(double usedPercent, double refusedPercent) {
            return new Target(usedPercent / 100, refusedPercent / 100, Double.POSITIVE_INFINITY, true, FAIR);
        }

        /** The target for clients of one class that want more than there is, and for one that comes now and then. */
        static Target neighbours(double usedPercent, double refusedPercent, double seconds) {
            return new Target(usedPercent / 100, refusedPercent / 100, seconds, true, FAIR);
        }

        /** The target for a full queue: a client beside the queue may get a 429. */
        static Target overflow(double usedPercent, double refusedPercent) {
            return new Target(usedPercent / 100, refusedPercent / 100, Double.POSITIVE_INFINITY, false, 0);
        }

        boolean isMet(Outcome outcome) {
            return outcome.used() >= leastUsed && outcome.refused() <= mostRefused
                    && outcome.nowAndThen().p99() <= longestWait
                    && (outcome.visible() == 0 || !clientsSpared) && outcome.fairness() >= leastFairness;
        }

        @Override
        public String toString() {
            List<String> parts = new ArrayList<>();
            if (leastUsed > 0) {
                parts.add("≥ %.0f %%, ≤ %.2f %%".formatted(leastUsed * 100, mostRefused * 100));
            }
            if (leastFairness > 0) {
                parts.add("fair ≥ %.2f".formatted(leastFairness));
            }
            if (Double.isFinite(longestWait)) {
                parts.add((leastFairness > 0 ? "rare" : "high") + " ≤ %.1f s".formatted(longestWait));
            }
            return String.join(", ", parts);
        }
    }

    static Case of(String name, Operator operator, Pacing pacing, Shape shape, Demand demand, int fromMinute,
            Optional<Target> target) {
        if (demand == Demand.OVERFLOW) {
            return overflow(name, operator, pacing, shape, fromMinute, target);
        }
        var settings = new ThrottleSettings(operator.limit(), operator.burst(), pacing, operator.queueMax(),
                demand.isOfClients() ? CLIENT_PATIENCE : PATIENCE,
                demand == Demand.LOW_FLOOD ? FLOOD_PATIENCE : PATIENCE, false);
        return new Case(name, settings, shape, demand, Duration.ofMinutes(fromMinute), target);
    }

    /** A queue of half a minute; a request that finds it full may go beside it. */
    private static Case overflow(String name, Operator operator, Pacing pacing, Shape shape, int fromMinute,
            Optional<Target> target) {
        var settings = new ThrottleSettings(operator.limit(), operator.burst(), pacing,
                Math.max(1, operator.limit() / 2), OVERFLOW_PATIENCE, OVERFLOW_PATIENCE, true);
        return new Case(name, settings, shape, Demand.OVERFLOW, Duration.ofMinutes(fromMinute), target);
    }

    /** The operator's own settings. */
    record Operator(int limit, int burst, int queueMax) {
    }
}
