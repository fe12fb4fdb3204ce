package dev.sidecar.proving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.proving.Outcome.Quantiles;
import dev.sidecar.proving.TokensCase.Target;
import dev.sidecar.simulator.limits.TokenMoment;
import dev.sidecar.simulator.limits.TokenShape;
import dev.sidecar.simulator.limits.TokenShapes;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A round of the proving run with a limit of tokens. */
class TokensTableTest {

    private static final TokenShape LOG = TokenShapes.named("sliding-log", 100_000, TokenMoment.ARRIVAL);
    private static final TokensCase TRIED = new TokensCase("tried", 600, LOG, MaxTokens.MIXED, false,
            new Target(0.85, 0.005, 150));

    /** Every way of counting, and every kind of {@code max_tokens} with one of them. */
    static Stream<TokensCase> cases() {
        return TokensCases.all().stream()
                .filter(each -> each.most() == MaxTokens.MIXED || each.tokens().toString().equals(LOG.toString()));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theTargetIsMet(TokensCase tried) {
        var outcome = new TokensTable(List.of(), 1).outcome(tried);
        assertThat(tried.isMet(outcome)).as("%s before %s, max_tokens %s: %s gave %s", tried.name(), tried.tokens(),
                tried.most(), tried.target(), outcome).isTrue();
    }

    @Test
    void everyWayIsTriedAtEveryMomentWithEveryMaxTokens() {
        assertThat(TokensCases.all()).filteredOn(each -> each.name().equals("tokens")).hasSize(4 * 3 * 5)
                .extracting(TokensCase::most).containsAll(EnumSet.allOf(MaxTokens.class));
    }

    @Test
    void theSameSeedsGiveTheSameFigures() {
        assertThat(new TokensTable(List.of(), 1).outcome(TRIED))
                .isEqualTo(new TokensTable(List.of(), 1).outcome(TRIED));
    }

    @Test
    void whatIsMissedIsSaid() {
        var impossible = new TokensCase("too much", 600, LOG, MaxTokens.ABSURD, false, new Target(0.999, 0, 1));
        var bytes = new ByteArrayOutputStream();
        assertThat(new TokensTable(List.of(impossible), 1)
                .print(new PrintStream(bytes, true, StandardCharsets.UTF_8))).isFalse();
        assertThat(bytes.toString(StandardCharsets.UTF_8)).contains("too much", "sliding-log at arrival", "absurd",
                "MISSED");
    }

    @Test
    void eachFigureHasItsTarget() {
        assertThat(TRIED.isMet(outcome(0.86, 0.004, 0, 20, 0.05, 100))).isTrue();
        assertThat(TRIED.isMet(outcome(0.84, 0.004, 0, 20, 0.05, 100))).as("too little is used").isFalse();
        assertThat(TRIED.isMet(outcome(0.86, 0.006, 0, 20, 0.05, 100))).as("too many 429s").isFalse();
        assertThat(TRIED.isMet(outcome(0.86, 0.004, 1, 20, 0.05, 100))).as("a client got one").isFalse();
        assertThat(TRIED.isMet(outcome(0.86, 0.004, 0, 0.5, 0.05, 100))).as("normal before high").isFalse();
        assertThat(TRIED.isMet(outcome(0.86, 0.004, 0, 20, 0.10, 100))).as("more than the floor for low").isFalse();
        assertThat(TRIED.isMet(outcome(0.86, 0.004, 0, 20, 0.05, 151))).as("a large one waits too long").isFalse();
    }

    @Test
    void whereBothLimitsBindOneOfThemIsUsed() {
        var outcome = new TokensOutcome(0.7, 0.9, 0, 0, new Quantiles(1, 2), new Quantiles(20, 50),
                new Quantiles(100, 200), 0.05, 100, 0.01, 0.1);
        assertThat(TRIED.isMet(outcome)).isTrue();
    }

    /** Most prompts are small, and all have 200 to 20,000 tokens. */
    @Test
    void promptsAreSkewed() {
        var random = new SplittableRandom(1);
        List<TokenCaller.Request> requests = Stream.generate(() -> TokenCaller.all().getFirst().next(MaxTokens.NONE,
                random)).limit(10_000).toList();
        assertThat(requests).allSatisfy(each -> {
            assertThat(each.input()).isBetween(200L, 20_000L);
            assertThat((double) each.bytes() / each.input()).isBetween(3.0, 5.1);
        });
        assertThat(requests.stream().filter(each -> each.input() < 2_000).count()).isGreaterThan(8_000);
        assertThat(requests.stream().filter(TokenCaller.Request::isLarge).count()).isBetween(100L, 300L);
    }

    @ParameterizedTest
    @EnumSource
    void noResponseIsLongerThanAllowed(MaxTokens most) {
        var random = new SplittableRandom(1);
        for (int i = 0; i < 1000; i++) {
            for (TokenCaller caller : TokenCaller.all()) {
                var request = caller.next(most, random);
                assertThat(request.output()).isBetween(1L, request.maxTokens().orElse(Long.MAX_VALUE));
            }
        }
    }

    private static TokensOutcome outcome(double used, double refused, long visible, double normal, double lowShare,
            double largest) {
        return new TokensOutcome(used, 0.07, refused, visible, new Quantiles(1, 2), new Quantiles(normal, 50),
                new Quantiles(100, 200), lowShare, largest, 0.01, 0.1);
    }
}
