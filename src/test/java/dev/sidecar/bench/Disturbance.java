package dev.sidecar.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How much of a core programs took in each interval that are no part of this, those of other machines on the same hardware
 * included. What was measured while they took much says something about them; it is measured again, whatever came out,
 * at whichever target.
 */
final class Disturbance {

    /** In cores. Less than that is within what can be told from the kernel's counts of hundredths of a second. */
    private static final double QUIET = 0.03;
    private static final int ATTEMPTS = 5;

    private final List<Double> intervals = new ArrayList<>();
    private int attemptsLeft;
    private int repeated;

    /** From here on so many intervals may be measured again. */
    void allow(int repeats) {
        attemptsLeft = repeats;
    }

    @FunctionalInterface
    interface Interval<T> {
        /** Tells {@link #add} how disturbed it was, once. */
        T measure() throws IOException;
    }

    /** @param cores what others took of a core on average; NaN where nobody counts */
    void add(double cores) {
        intervals.add(cores);
    }

    /** Measures until nobody disturbs, a few times at most: then the least disturbed of them counts. */
    <T> T undisturbed(Interval<T> interval) throws IOException {
        T best = interval.measure();
        double least = intervals.removeLast();
        for (int attempt = 1; least > QUIET && attempt < ATTEMPTS && attemptsLeft > 0; attempt++) {
            attemptsLeft--;
            repeated++;
            T measured = interval.measure();
            double cores = intervals.removeLast();
            if (cores < least) {
                best = measured;
                least = cores;
            }
        }
        intervals.add(least);
        return best;
    }

    List<Double> intervals() {
        return List.copyOf(intervals);
    }

    /** For whoever reads the figures and must know whether the machine was free. */
    @Override
    public String toString() {
        double usual = Figures.median(intervals, Double::doubleValue) * 100;
        double worst = intervals.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN) * 100;
        if (Double.isNaN(usual)) {
            return "not known";
        }
        return String.format(Locale.ROOT, "%.0f %% of a core (median), %.0f %% at worst%s%s", usual, worst,
                repeated == 0 ? "" : "; measured again because of them: " + repeated,
                usual > 10 ? ": not a quiet machine, measure again" : "");
    }
}
