package dev.sidecar.proving;

import dev.sidecar.proving.Outcome.Quantiles;
import java.time.Duration;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The figures of a row with tokens, averaged over its runs. Immutable.
 *
 * @param tokensUsed the part of the allowed tokens that was used while requests waited, 0 to 1
 * @param requestsUsed the same of the allowed requests
 * @param refused the part of 429s among the provider's responses, 0 to 1
 * @param visible clients that got a 429, in all runs together
 * @param high the longest wait of 50 and of 99 % of the high requests, in seconds; {@code normal} and {@code low}
 *        likewise
 * @param lowShare the part of the slots that low requests got, 0 to 1
 * @param largest the longest wait of the largest prompts that are not low in any run, in seconds
 * @param unused the mean share of the limit of tokens that was reserved beyond use, 0 to 1
 * @param tooLow the part of the requests that cost more than was reserved for them, 0 to 1
 */
record TokensOutcome(double tokensUsed, double requestsUsed, double refused, long visible, Quantiles high,
        Quantiles normal, Quantiles low, double lowShare, double largest, double unused, double tooLow) {

    static TokensOutcome of(TokensCase tried, List<TokensFigures> runs) {
        double minutes = TokensCase.SPAN.toNanos() / (double) Duration.ofMinutes(1).toNanos();
        return new TokensOutcome(
                mean(runs, run -> run.tokens() / (tried.tokens().limit() * minutes * demanded(run))),
                mean(runs, run -> run.accepted() / (tried.requests() * minutes * demanded(run))),
                mean(runs, run -> (double) run.refused() / Math.max(1, run.accepted() + run.refused())),
                runs.stream().mapToLong(TokensFigures::visible).sum(),
                quantiles(runs, run -> run.high().seconds(0.5), run -> run.high().seconds(0.99)),
                quantiles(runs, run -> run.normal().seconds(0.5), run -> run.normal().seconds(0.99)),
                quantiles(runs, run -> run.low().seconds(0.5), run -> run.low().seconds(0.99)),
                mean(runs, run -> (double) run.low().count() / Math.max(1, run.accepted())),
                runs.stream().mapToDouble(run -> run.largest().seconds(1)).max().orElseThrow(),
                mean(runs, TokensFigures::unused), mean(runs, run -> (double) run.tooLow() / run.accepted()));
    }

    private static Quantiles quantiles(List<TokensFigures> runs, ToDoubleFunction<TokensFigures> half,
            ToDoubleFunction<TokensFigures> most) {
        return new Quantiles(mean(runs, half), mean(runs, most));
    }

    private static double demanded(TokensFigures run) {
        return Math.min(1, (double) run.demandedNanos() / TokensCase.SPAN.toNanos());
    }

    private static double mean(List<TokensFigures> runs, ToDoubleFunction<TokensFigures> figure) {
        return runs.stream().mapToDouble(figure).average().orElseThrow();
    }
}
