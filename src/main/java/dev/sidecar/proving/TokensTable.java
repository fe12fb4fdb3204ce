package dev.sidecar.proving;

import dev.sidecar.proving.Outcome.Quantiles;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/** The proving run's table of tokens. */
final class TokensTable {

    private static final String ROW = "%-20s %-26s %-10s %9s %9s %9s %8s  %-13s %-13s %-15s %8s %9s %8s %9s  %s%n";

    private final List<TokensCase> cases;
    private final int runs;

    TokensTable(List<TokensCase> cases, int runs) {
        this.cases = cases;
        this.runs = runs;
    }

    /** @return whether every target was met */
    boolean print(PrintStream out) {
        out.printf(Locale.ROOT, ROW, "case", "provider", "max_tokens", "tokens", "requests", "429s", "visible",
                "high p50/p99", "normal", "low", "low got", "largest", "unused", "too low", "target");
        boolean met = true;
        for (TokensCase each : cases) {
            TokensOutcome outcome = outcome(each);
            boolean isMet = each.isMet(outcome);
            met &= isMet;
            out.printf(Locale.ROOT, ROW, each.name(), each.tokens(), each.most().label(),
                    percent(outcome.tokensUsed(), 2), percent(outcome.requestsUsed(), 2), percent(outcome.refused(), 3),
                    outcome.visible(), seconds(outcome.high()), seconds(outcome.normal()), seconds(outcome.low()),
                    percent(outcome.lowShare(), 1), String.format(Locale.ROOT, "%.1f s", outcome.largest()),
                    percent(outcome.unused(), 2), percent(outcome.tooLow(), 1),
                    each.target() + (isMet ? "  met" : "  MISSED"));
        }
        return met;
    }

    TokensOutcome outcome(TokensCase tried) {
        return TokensOutcome.of(tried, LongStream.range(0, runs).parallel().mapToObj(tried::run).toList());
    }

    private static String percent(double part, int digits) {
        return String.format(Locale.ROOT, "%." + digits + "f %%", part * 100);
    }

    private static String seconds(Quantiles quantiles) {
        return String.format(Locale.ROOT, "%.1f/%.1f s", quantiles.p50(), quantiles.p99());
    }
}
