package dev.sidecar.proving;

import dev.sidecar.proving.Case.Operator;
import dev.sidecar.throttle.order.ThrottleSettings;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/**
 * Runs the throttle against every way of counting: two hours of virtual time each, several times with other delays and
 * phases. The same seeds give the same figures on every machine.
 */
public final class ProvingRun {

    static final Duration DURATION = Duration.ofHours(2);

    private static final int RUNS = 20;
    /** Enough: with several keys, the runs hardly differ. */
    private static final int RUNS_WITH_KEYS = 3;
    /** Enough too. */
    private static final int RUNS_WITH_TOKENS = 3;
    private static final String ROW = "%-30s %-7s %-26s %-7s %9s %9s %8s %8s  %-13s %-13s %-13s %s%n";
    private static final String CLIENT_ROW = "%-24s %-26s %-10s %9s %9s %-38s %-38s %-38s %6s  %s%n";

    private final List<Case> cases;
    private final List<KeysCase> keysCases;
    private final List<TokensCase> tokensCases;
    private final int runs;
    private final PrintStream out;

    ProvingRun(List<Case> cases, List<KeysCase> keysCases, List<TokensCase> tokensCases, int runs, PrintStream out) {
        this.cases = cases;
        this.keysCases = keysCases;
        this.tokensCases = tokensCases;
        this.runs = runs;
        this.out = out;
    }

    /** A run with the limit, the burst capacity and the queue of these settings. */
    public static ProvingRun of(ThrottleSettings settings, PrintStream out) {
        var operator = new Operator(settings.limitPerMinute(), settings.burstCapacity(),
                Math.max(1000, settings.queueMax()));
        return new ProvingRun(Cases.all(operator), KeysCases.all(operator), TokensCases.all(), RUNS, out);
    }

    /**
     * Runs every case and prints its row.
     *
     * @return whether every target was met
     */
    public boolean run() {
        out.printf(Locale.ROOT, "%d runs of %d virtual minutes each%n%n", runs, DURATION.toMinutes());
        out.printf(ROW, "case", "pacing", "provider", "demand", "used", "429s", "a run", "visible", "high p50/p99",
                "normal", "low", "target");
        boolean met = print(cases.stream().filter(each -> !each.demand().isOfClients()).toList());
        out.printf("%nClients of one class: the part of the slots that each got, the part that is due, its waits%n%n");
        out.printf(CLIENT_ROW, "case", "provider", "demand", "used", "429s", "client: got/due p50/p99", "", "", "Jain",
                "target");
        met &= print(cases.stream().filter(each -> each.demand().isOfClients()).toList());
        int runsWithKeys = Math.min(runs, RUNS_WITH_KEYS);
        out.printf("%nSeveral keys: one queue, and the key that pays is chosen with each slot; %d runs%n%n",
                runsWithKeys);
        met &= new KeysTable(keysCases, runsWithKeys).print(out);
        int runsWithTokens = Math.min(runs, RUNS_WITH_TOKENS);
        out.printf(
                "%nTokens: what was used and refused, how long requests waited, what the estimates cost; %d runs%n%n",
                runsWithTokens);
        met &= new TokensTable(tokensCases, runsWithTokens).print(out);
        out.printf("%n%s%n", met ? "Every target was met." : "Not every target was met: see the rows marked MISSED.");
        return met;
    }

    static Outcome outcome(Case tried) {
        return outcome(tried, RUNS);
    }

    static Outcome outcome(Case tried, int runs) {
        return Outcome.of(tried, LongStream.range(0, runs).parallel().mapToObj(seed -> figures(tried, seed)).toList());
    }

    private static Figures figures(Case tried, long seed) {
        var random = new SplittableRandom(seed);
        var provider = tried.shape().start(random, 0);
        return new Trial(tried.settings(), provider, tried.demand(), random).run(tried.from(), DURATION);
    }

    private boolean print(List<Case> some) {
        boolean met = true;
        for (Case each : some) {
            met &= print(each, outcome(each, runs));
        }
        return met;
    }

    private boolean print(Case tried, Outcome outcome) {
        boolean met = tried.target().map(target -> target.isMet(outcome)).orElse(true);
        String target = tried.target().map(each -> each + (met ? "  met" : "  MISSED")).orElse("");
        if (tried.demand().isOfClients()) {
            List<String> clients = outcome.clients().stream().map(ProvingRun::client).toList();
            out.printf(CLIENT_ROW, tried.name(), tried.shape().name(), tried.demand().label(),
                    percent(outcome.used(), 2), percent(outcome.refused(), 3), clients.get(0), clients.get(1),
                    clients.get(2), String.format(Locale.ROOT, "%.4f", outcome.fairness()), target);
        } else {
            out.printf(ROW, tried.name(), tried.settings().pacing().name().toLowerCase(Locale.ROOT),
                    tried.shape().name(), tried.demand().label(), percent(outcome.used(), 2),
                    percent(outcome.refused(), 3), number(outcome.refusals()), outcome.visible(),
                    seconds(outcome.high()), seconds(outcome.normal()), seconds(outcome.low()), target);
        }
        return met;
    }

    /** Such as "flood: 45.0/45.1 % 640.1/667.2 s". */
    private static String client(Outcome.Client client) {
        return String.format(Locale.ROOT, "%s: %.1f/%.1f %% %s", client.name(), client.given() * 100,
                client.due() * 100, seconds(client.waits()));
    }

    private static String percent(double part, int digits) {
        return String.format(Locale.ROOT, "%." + digits + "f %%", part * 100);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    private static String seconds(Outcome.Quantiles quantiles) {
        return String.format(Locale.ROOT, "%.1f/%.1f s", quantiles.p50(), quantiles.p99());
    }
}
