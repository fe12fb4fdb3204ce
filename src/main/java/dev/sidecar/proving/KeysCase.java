package dev.sidecar.proving;

import dev.sidecar.simulator.limits.NetworkDelay;
import dev.sidecar.simulator.limits.ProviderLimit;
import dev.sidecar.simulator.limits.Shape;
import dev.sidecar.throttle.budget.BudgetSettings;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.ThrottleSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * A row of the proving run with several keys. The demand is always more than all keys can serve. Immutable.
 *
 * @param keys the first one is the good one where the target is about that
 * @param queueMax requests that may wait
 */
record KeysCase(String name, List<LimitedKey> keys, Network network, int queueMax, Target target) {

    /** When the measurement begins: until then the sidecar may learn. */
    private static final Duration FROM = Duration.ofMinutes(10);
    private static final Duration SPAN = ProvingRun.DURATION.minus(FROM);
    /** So long that no client's deadline influences the result. */
    private static final Duration PATIENCE = Duration.ofMinutes(20);

    KeysCase {
        keys = List.copyOf(keys);
    }

    /**
     * A key.
     *
     * @param limit what the operator says of it, in requests a minute
     * @param burst the most that is sent at once from an idle state
     * @param shape how the provider really counts
     */
    record LimitedKey(int limit, int burst, Shape shape) {

        private double allowed() {
            return shape.allowed(FROM, ProvingRun.DURATION);
        }
    }

    /** The way to the provider and back. */
    enum Network {
        /** Every message takes the same time: what is refused then is the sidecar's mistake alone. */
        QUIET,
        /** That of all other rows: messages take different times, and some are late. */
        USUAL;

        private static final long QUIET_NANOS = Duration.ofMillis(100).toNanos();

        private LongSupplier delay(RandomGenerator random) {
            return this == QUIET ? () -> QUIET_NANOS : new NetworkDelay(random)::nextNanos;
        }

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The target of a row. Beside it, no key ever sends more than its limit in any 60 s. */
    sealed interface Target {

        /**
         * All keys are used.
         *
         * @param leastUsed the smallest used part of what all keys together allow, 0 to 1
         * @param mostRefused the largest part of refusals among all responses, 0 to 1
         */
        record AllUsed(double leastUsed, double mostRefused) implements Target {

            @Override
            public String toString() {
                return String.format(Locale.ROOT, "≥ %.0f %%, ≤ %.2f %%, none over", leastUsed * 100,
                        mostRefused * 100);
            }
        }

        /**
         * The first key is used as if it were alone.
         *
         * @param tolerance the largest difference, as a part of its use alone
         */
        record Untouched(double tolerance) implements Target {

            @Override
            public String toString() {
                return String.format(Locale.ROOT, "first ± %.0f %%, none over", tolerance * 100);
            }
        }
    }

    boolean isMet(KeysOutcome outcome) {
        boolean noneOver = true;
        for (int i = 0; i < keys.size(); i++) {
            noneOver &= outcome.keys().get(i).mostSent() <= keys.get(i).limit();
        }
        return noneOver && switch (target) {
            case Target.AllUsed all -> outcome.used() >= all.leastUsed() && outcome.refused() <= all.mostRefused();
            case Target.Untouched untouched ->
                Math.abs(outcome.keys().getFirst().used() - outcome.alone()) <= untouched.tolerance() * outcome.alone();
        };
    }

    /** The first key alone, with the same demand. */
    KeysCase alone() {
        return new KeysCase(name, keys.subList(0, 1), network, queueMax, target);
    }

    Figures run(long seed) {
        var random = new SplittableRandom(seed);
        Map<String, BudgetSettings> accounts = new LinkedHashMap<>();
        Map<String, ProviderLimit> providers = new LinkedHashMap<>();
        int limit = 0;
        for (int i = 0; i < keys.size(); i++) {
            var key = keys.get(i);
            accounts.put(nameOf(i), new BudgetSettings(key.limit(), key.burst(), Pacing.AUTO));
            providers.put(nameOf(i), key.shape().start(random, 0));
            limit += key.limit();
        }
        var settings = new ThrottleSettings(limit, limit, Pacing.AUTO, queueMax, PATIENCE, PATIENCE, false);
        return new Trial(settings, accounts, providers, Demand.FULL, network.delay(random), random).run(FROM,
                ProvingRun.DURATION);
    }

    private static String nameOf(int key) {
        return "key-" + (key + 1);
    }

    /** @param alone the used part of the first key alone */
    KeysOutcome outcome(List<Figures> runs, double alone) {
        List<KeysOutcome.OfKey> outcomes = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            int key = i;
            outcomes.add(new KeysOutcome.OfKey(usedOf(key, runs),
                    KeysOutcome.mean(runs, run -> run.keys().get(key).refusedShare()),
                    KeysOutcome.mean(runs, run -> run.keys().get(key).refused()),
                    runs.stream().mapToInt(run -> run.keys().get(key).mostSent()).max().orElseThrow()));
        }
        double allowed = keys.stream().mapToDouble(LimitedKey::allowed).sum();
        return new KeysOutcome(KeysOutcome.mean(runs, run -> run.accepted() / (allowed * run.demanded(SPAN))),
                KeysOutcome.mean(runs, Figures::refusedShare), outcomes, alone);
    }

    /** The used part of what one key allows, 0 to 1. */
    double usedOf(int key, List<Figures> runs) {
        return KeysOutcome.mean(runs,
                run -> run.keys().get(key).accepted() / (keys.get(key).allowed() * run.demanded(SPAN)));
    }
}
