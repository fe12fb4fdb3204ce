package dev.sidecar.proving;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The figures of a row with several keys, averaged over its runs. Immutable.
 *
 * @param used the part of what all keys together allow that was used while requests waited, 0 to 1
 * @param refused the part of 429s among all responses, 0 to 1
 * @param alone the part of what the first key allows that it uses alone, 0 to 1
 */
record KeysOutcome(double used, double refused, List<OfKey> keys, double alone) {

    KeysOutcome {
        keys = List.copyOf(keys);
    }

    /**
     * Those of one key.
     *
     * @param refusals the number of 429s in a run
     * @param mostSent the most that were sent in any 60 s of any run
     */
    record OfKey(double used, double refused, double refusals, int mostSent) {
    }

    static double mean(List<Figures> runs, ToDoubleFunction<Figures> figure) {
        return runs.stream().mapToDouble(figure).average().orElseThrow();
    }
}
