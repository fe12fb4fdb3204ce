package dev.sidecar.proving;

import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * A case's figures, averaged over its runs. Immutable.
 *
 * @param used the part of the allowed budget that was used while requests waited, 0 to 1
 * @param refused the part of 429s among the provider's responses, 0 to 1
 * @param refusals the number of 429s in a run
 * @param visible clients that got a 429, in all runs together
 * @param high the longest wait of 50 and of 99 % of the high requests, in seconds; {@code normal} and {@code low}
 *        likewise
 * @param nowAndThen the same for those who come now and then
 * @param clients what each client got; empty if the case is not about clients
 * @param fairness Jain's index of what clients got over what is due to them, 0 to 1; 1 if the case is not about clients
 */
record Outcome(double used, double refused, double refusals, long visible, Quantiles high, Quantiles normal,
        Quantiles low, Quantiles nowAndThen, List<Client> clients, double fairness) {

    Outcome {
        clients = List.copyOf(clients);
    }

    /** Seconds. */
    record Quantiles(double p50, double p99) {

        private static Quantiles of(List<Figures> runs, Function<Figures, Waits> waits) {
            return new Quantiles(mean(runs, run -> waits.apply(run).seconds(0.5)),
                    mean(runs, run -> waits.apply(run).seconds(0.99)));
        }
    }

    /**
     * A client's part of the slots.
     *
     * @param due the part that is due to it, 0 to 1
     * @param given the part that it got
     */
    record Client(String name, double due, double given, Quantiles waits) {
    }

    static Outcome of(Case tried, List<Figures> runs) {
        double allowed = tried.shape().allowed(tried.from(), ProvingRun.DURATION);
        var span = ProvingRun.DURATION.minus(tried.from());
        boolean ofClients = tried.demand().isOfClients();
        return new Outcome(mean(runs, run -> run.accepted()
                / ((allowed - run.takenByOthers()) * run.demanded(span))),
                mean(runs, Figures::refusedShare), mean(runs, Figures::refused),
                runs.stream().mapToLong(Figures::visible).sum(), Quantiles.of(runs, Figures::high),
                Quantiles.of(runs, Figures::normal), Quantiles.of(runs, Figures::low),
                Quantiles.of(runs, Figures::nowAndThen), ofClients ? clients(runs) : List.of(),
                ofClients ? mean(runs, run -> Shares.of(run.callers()).jain()) : 1);
    }

    private static List<Client> clients(List<Figures> runs) {
        List<Figures.Served> callers = runs.getFirst().callers();
        return IntStream.range(0, callers.size())
                .mapToObj(i -> new Client(callers.get(i).caller().client().name(),
                        mean(runs, run -> Shares.of(run.callers()).due().get(i)),
                        mean(runs, run -> Shares.of(run.callers()).given().get(i)),
                        Quantiles.of(runs, run -> run.callers().get(i).waits())))
                .toList();
    }

    private static double mean(List<Figures> runs, ToDoubleFunction<Figures> figure) {
        return runs.stream().mapToDouble(figure).average().orElseThrow();
    }
}
