package dev.sidecar.proving;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * A case's figures, averaged over its runs. Immutable.
 *
 * @param used the part of the allowed budget that was used while requests waited, 0 to 1
 * @param refused the part of 429s among the provider's responses, 0 to 1
 * @param refusals the number of 429s in a run
 * @param visible clients that got a 429, in all runs together
 * @param high the longest wait of 50 and of 99 % of the high requests, in seconds; {@code normal} and {@code low}
 *        likewise
 */
record Outcome(double used, double refused, double refusals, long visible, Quantiles high, Quantiles normal,
        Quantiles low) {

    /** Seconds. */
    record Quantiles(double p50, double p99) {

        private static Quantiles of(List<Figures> runs, java.util.function.Function<Figures, Waits> waits) {
            return new Quantiles(mean(runs, run -> waits.apply(run).seconds(0.5)),
                    mean(runs, run -> waits.apply(run).seconds(0.99)));
        }
    }

    static Outcome of(Case tried, List<Figures> runs) {
        double allowed = tried.shape().allowed(tried.from(), ProvingRun.DURATION);
        long span = ProvingRun.DURATION.minus(tried.from()).toNanos();
        return new Outcome(mean(runs, run -> run.accepted()
                / ((allowed - run.takenByOthers()) * Math.min(1, (double) run.demandedNanos() / span))),
                mean(runs, Figures::refusedShare), mean(runs, Figures::refused),
                runs.stream().mapToLong(Figures::visible).sum(), Quantiles.of(runs, Figures::high),
                Quantiles.of(runs, Figures::normal), Quantiles.of(runs, Figures::low));
    }

    double highP99() {
        return high.p99();
    }

    private static double mean(List<Figures> runs, ToDoubleFunction<Figures> figure) {
        return runs.stream().mapToDouble(figure).average().orElseThrow();
    }
}
