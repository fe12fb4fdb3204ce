package dev.sidecar.proving;

import dev.sidecar.proving.KeysCase.LimitedKey;
import dev.sidecar.proving.KeysCase.Network;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.LongStream;

/** The proving run's table of several keys. For one use, by one thread. */
final class KeysTable {

    private static final String ROW = "%-26s %-7s %9s %9s  %-52s %-58s %9s  %s%n";

    private final List<KeysCase> cases;
    private final int runs;
    private final Map<Alone, Double> alone = new HashMap<>();

    /** A first key on a network. Most rows have the same one. */
    private record Alone(LimitedKey key, Network network) {
    }

    KeysTable(List<KeysCase> cases, int runs) {
        this.cases = cases;
        this.runs = runs;
    }

    /** @return whether every target was met */
    boolean print(PrintStream out) {
        out.printf(Locale.ROOT, ROW, "case", "network", "used", "429s", "first key: used, 429s, most in 60 s",
                "second key", "alone",
                "target");
        boolean met = true;
        for (KeysCase each : cases) {
            var outcome = outcome(each);
            boolean isMet = each.isMet(outcome);
            met &= isMet;
            out.printf(Locale.ROOT, ROW, each.name(), each.network().label(), percent(outcome.used(), 2),
                    percent(outcome.refused(), 3),
                    cell(each, outcome, 0), cell(each, outcome, 1), percent(outcome.alone(), 2),
                    each.target() + (isMet ? "  met" : "  MISSED"));
        }
        return met;
    }

    KeysOutcome outcome(KeysCase tried) {
        return tried.outcome(figures(tried), alone.computeIfAbsent(new Alone(tried.keys().getFirst(), tried.network()),
                _ -> tried.alone().usedOf(0, figures(tried.alone()))));
    }

    private List<Figures> figures(KeysCase tried) {
        return LongStream.range(0, runs).parallel().mapToObj(tried::run).toList();
    }

    /** Such as "token-bucket-7: 97.50 %, 0.012 % (1.2 a run), 20 of 20". */
    private static String cell(KeysCase tried, KeysOutcome outcome, int key) {
        var of = outcome.keys().get(key);
        return String.format(Locale.ROOT, "%s: %s, %s (%.1f a run), %d of %d", tried.keys().get(key).shape().name(),
                percent(of.used(), 2), percent(of.refused(), 3), of.refusals(), of.mostSent(),
                tried.keys().get(key).limit());
    }

    private static String percent(double part, int digits) {
        return String.format(Locale.ROOT, "%." + digits + "f %%", part * 100);
    }
}
