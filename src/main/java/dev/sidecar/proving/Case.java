package dev.sidecar.proving;

import dev.sidecar.simulator.limits.Shape;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.ThrottleSettings;
import java.time.Duration;
import java.util.Optional;

/**
 * A row of the proving run: settings before a shape, under a demand.
 *
 * @param settings what the operator says
 * @param shape what the provider does
 * @param from from when on it counts: until then the sidecar may learn
 * @param target what must be reached; empty where the row only shows what happens
 */
record Case(String name, ThrottleSettings settings, Shape shape, Demand demand, Duration from,
        Optional<Target> target) {

    /** Patient enough that no client's deadline is the cause of anything. */
    private static final Duration PATIENCE = Duration.ofMinutes(20);
    private static final Duration FLOOD_PATIENCE = Duration.ofSeconds(2);
    private static final Duration OVERFLOW_PATIENCE = Duration.ofSeconds(150);

    /**
     * What must be reached.
     *
     * @param leastUsed part of the allowed budget, 0 to 1
     * @param mostRefused part of the provider's answers, 0 to 1
     * @param longestHighWait seconds that 99 % of the high requests may wait at most
     * @param clientsSpared whether no client may be answered 429
     */
    record Target(double leastUsed, double mostRefused, double longestHighWait, boolean clientsSpared) {

        static Target of(double usedPercent, double refusedPercent) {
            return new Target(usedPercent / 100, refusedPercent / 100, Double.POSITIVE_INFINITY, true);
        }

        static Target highWait(double seconds) {
            return new Target(0, 1, seconds, false);
        }

        /** Of a full queue: a 429 to one that went beside it is its client's. */
        static Target overflow(double usedPercent, double refusedPercent) {
            return new Target(usedPercent / 100, refusedPercent / 100, Double.POSITIVE_INFINITY, false);
        }

        boolean isMet(Outcome outcome) {
            return outcome.used() >= leastUsed && outcome.refused() <= mostRefused
                    && outcome.highP99() <= longestHighWait
                    && (outcome.visible() == 0 || !clientsSpared);
        }

        @Override
        public String toString() {
            return Double.isInfinite(longestHighWait)
                    ? "≥ %.0f %%, ≤ %.2f %%".formatted(leastUsed * 100, mostRefused * 100)
                    : "high ≤ %.1f s".formatted(longestHighWait);
        }
    }

    static Case of(String name, Operator operator, Pacing pacing, Shape shape, Demand demand, int fromMinute,
            Optional<Target> target) {
        if (demand == Demand.OVERFLOW) {
            return overflow(name, operator, pacing, shape, fromMinute, target);
        }
        var settings = new ThrottleSettings(operator.limit(), operator.burst(), pacing, operator.queueMax(), PATIENCE,
                demand == Demand.LOW_FLOOD ? FLOOD_PATIENCE : PATIENCE, false);
        return new Case(name, settings, shape, demand, Duration.ofMinutes(fromMinute), target);
    }

    /** A queue of half a minute, and who finds it full may go beside it. */
    private static Case overflow(String name, Operator operator, Pacing pacing, Shape shape, int fromMinute,
            Optional<Target> target) {
        var settings = new ThrottleSettings(operator.limit(), operator.burst(), pacing,
                Math.max(1, operator.limit() / 2), OVERFLOW_PATIENCE, OVERFLOW_PATIENCE, true);
        return new Case(name, settings, shape, Demand.OVERFLOW, Duration.ofMinutes(fromMinute), target);
    }

    /** What the operator's own settings say. */
    record Operator(int limit, int burst, int queueMax) {
    }
}
