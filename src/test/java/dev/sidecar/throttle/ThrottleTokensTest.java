package dev.sidecar.throttle;

import static dev.sidecar.throttle.Desk.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.budget.BudgetSettings;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.budget.RateLimitSignal;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.budget.TokenFigures;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.ClientPolicy;
import dev.sidecar.throttle.order.Departure;
import dev.sidecar.throttle.order.LaneSettings;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.Serving;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.Verdict;
import dev.sidecar.throttle.quota.TokenLimit;
import dev.sidecar.throttle.tokens.TokenEstimate;
import dev.sidecar.throttle.tokens.TokenEstimates;
import dev.sidecar.throttle.tokens.TokenUsage;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Requests wait for tokens as they wait for slots: reserved at the grant, settled once. */
class ThrottleTokensTest {

    private static final int REQUESTS = 600;

    private final VirtualClock clock = new VirtualClock(0);

    @Test
    void aRequestWaitsUntilTheTokensOfOthersNoLongerCount() {
        var throttle = throttle(1_000);
        queue(throttle, Priority.NORMAL, "a", 600);
        queue(throttle, Priority.NORMAL, "b", 600);
        var a = leaves(throttle);
        spend(throttle, a, 600);
        assertThat(leavesWithin(throttle, 59)).isNull();
        assertThat(Objects.requireNonNull(leavesWithin(throttle, 3)).payload()).isEqualTo("b");
    }

    @Test
    void whatWasReservedAndNotUsedIsFreeAtOnce() {
        var throttle = throttle(1_000);
        queue(throttle, Priority.NORMAL, "a", 900);
        queue(throttle, Priority.NORMAL, "b", 900);
        var a = leaves(throttle);
        assertThat(figures(throttle)).isEqualTo(new TokenFigures(1_000, 0, 900));
        assertThat(leavesWithin(throttle, 30)).isNull();
        spend(throttle, a, 50);
        assertThat(leaves(throttle).payload()).isEqualTo("b");
        assertThat(figures(throttle)).isEqualTo(new TokenFigures(1_000, 50, 900));
    }

    @Test
    void aLargeRequestIsNotOvertakenBySmallOnesOfItsClass() {
        var throttle = throttle(1_000);
        queue(throttle, Priority.NORMAL, "first", 500);
        queue(throttle, Priority.NORMAL, "large", 900);
        queue(throttle, Priority.NORMAL, "small", 10);
        spend(throttle, leaves(throttle), 500);
        assertThat(leavesWithin(throttle, 55)).isNull();
        assertThat(Objects.requireNonNull(leavesWithin(throttle, 10)).payload()).isEqualTo("large");
        assertThat(Objects.requireNonNull(leavesWithin(throttle, 1)).payload()).isEqualTo("small");
    }

    @Test
    void aMoreUrgentOneComesFirst() {
        var throttle = throttle(1_000);
        queue(throttle, Priority.NORMAL, "first", 500);
        spend(throttle, leaves(throttle), 500);
        queue(throttle, Priority.LOW, "large", 900);
        assertThat(leavesWithin(throttle, 5)).isNull();
        queue(throttle, Priority.HIGH, "urgent", 400);
        assertThat(Objects.requireNonNull(leavesWithin(throttle, 1)).payload()).isEqualTo("urgent");
    }

    @Test
    void oneThatIsLargerThanTheLimitGoesWhenNothingElseCounts() {
        var throttle = throttle(1_000);
        queue(throttle, Priority.NORMAL, "huge", 50_000);
        queue(throttle, Priority.NORMAL, "next", 10);
        var huge = leaves(throttle);
        assertThat(huge.payload()).isEqualTo("huge");
        assertThat(leavesWithin(throttle, 30)).isNull();
        spend(throttle, huge, 900);
        assertThat(leaves(throttle).payload()).isEqualTo("next");
    }

    @Test
    void anAttemptThatCostNothingLeavesNothingBehind() {
        var throttle = throttle(1_000);
        queue(throttle, Priority.NORMAL, "a", 900);
        var a = leaves(throttle);
        slot(a).refused();
        var again = throttle.retry(a.ticket(), Duration.ZERO);
        assertThat(again).isInstanceOf(Admission.Queued.class);
        assertThat(figures(throttle)).isEqualTo(new TokenFigures(1_000, 0, 0));
    }

    @Test
    void whatIsLearnedHelpsThoseWhoWaitAlready() {
        var throttle = throttle(1_000);
        var estimates = new TokenEstimates();
        for (var who : List.of("a", "b")) {
            var admission = (Admission.Queued<String>) throttle.admit(Priority.NORMAL, null, "m",
                    ClientPolicy.ANONYMOUS, Serving.ANY, estimates.cost("anonymous", "m", 2_800, OptionalLong.empty()));
            throttle.enqueue(admission.ticket(), who);
        }
        var a = leaves(throttle);
        assertThat(figures(throttle).reserved()).isEqualTo(950);
        estimates.learn("anonymous", "m", 2_800, new TokenUsage(100, 10));
        spend(throttle, a, 110);
        assertThat(leaves(throttle).payload()).isEqualTo("b");
        assertThat(figures(throttle).reserved()).isEqualTo(110);
    }

    @Test
    void aSecondReportDoesNotCount() {
        var throttle = throttle(1_000);
        queue(throttle, Priority.NORMAL, "a", 300);
        var a = leaves(throttle);
        throttle.spent(a.ticket(), 200);
        throttle.spent(a.ticket(), 200);
        throttle.finished(a.ticket());
        assertThat(figures(throttle)).isEqualTo(new TokenFigures(1_000, 200, 0));
    }

    @Test
    void whatTheProviderSaysIsLeftLowersAndNeverRaises() {
        var throttle = throttle(1_000);
        queue(throttle, Priority.NORMAL, "a", 100);
        var a = leaves(throttle);
        slot(a).succeeded(RateLimitSignal.NONE.withRemainingTokens(OptionalLong.of(300)));
        throttle.spent(a.ticket(), 100);
        throttle.finished(a.ticket());
        assertThat(figures(throttle)).isEqualTo(new TokenFigures(1_000, 700, 0));
        queue(throttle, Priority.NORMAL, "b", 100);
        slot(leaves(throttle)).succeeded(RateLimitSignal.NONE.withRemainingTokens(OptionalLong.of(999_999)));
        assertThat(figures(throttle)).isEqualTo(new TokenFigures(1_000, 700, 100));
    }

    @Test
    void anAbsurdCostHoldsForAMinuteAndNoLonger() {
        var throttle = throttle(1_000);
        for (int i = 0; i < 3; i++) {
            queue(throttle, Priority.NORMAL, "r" + i, 10);
        }
        var first = leaves(throttle);
        var second = leaves(throttle);
        spend(throttle, first, Long.MAX_VALUE);
        spend(throttle, second, Long.MAX_VALUE);
        assertThat(figures(throttle).used()).isGreaterThan(1_000);
        assertThat(leavesWithin(throttle, 55)).isNull();
        assertThat(leavesWithin(throttle, 10)).isNotNull();
    }

    @Test
    void nobodyPassesAFullQueueWhereTokensAreLimited() {
        var settings = new ThrottleSettings(REQUESTS, 1, Pacing.WINDOW, 1, Duration.ofMinutes(1), Duration.ofMinutes(1),
                true);
        var throttle = new Throttle<String>(settings,
                List.of(LaneSettings.of(settings.budget().withTokens(1_000))), clock);
        queue(throttle, Priority.NORMAL, "a", 900);
        leaves(throttle);
        queue(throttle, Priority.NORMAL, "b", 900);
        assertThat(throttle.admit(Priority.NORMAL, null)).isInstanceOf(Admission.Refused.class);
    }

    @Test
    void aProviderThatRefusesInsideTheLimitGetsAnEvenPace() {
        var throttle = throttle(60_000);
        for (int i = 0; i < 30; i++) {
            queue(throttle, Priority.NORMAL, "r" + i, 1_000);
        }
        for (int i = 0; i < 10; i++) {
            var refused = leaves(throttle);
            slot(refused)
                    .refused(new RateLimitSignal(RateLimitSignal.Kind.TOKEN_RATE, Optional.of(Duration.ofMillis(10)),
                            OptionalInt.empty(), OptionalInt.empty(), Optional.empty()));
            throttle.finished(refused.ticket());
        }
        leavesWithin(throttle, 3);
        long before = clock.nanoTime();
        for (int i = 0; i < 10; i++) {
            spend(throttle, Objects.requireNonNull(leavesWithin(throttle, 10)), 1_000);
        }
        assertThat(clock.nanoTime() - before).isBetween(7 * SECOND, 12 * SECOND);
    }

    @Test
    void theAccountWithTokensPays() {
        Map<String, BudgetSettings> accounts = new LinkedHashMap<>();
        accounts.put("poor", budget(100));
        accounts.put("rich", budget(5_000));
        var throttle = new Throttle<String>(Desk.PATIENT, List.of(LaneSettings.of(accounts)), clock);
        for (int i = 0; i < 5; i++) {
            queue(throttle, Priority.NORMAL, "r" + i, 90);
            queue(throttle, Priority.NORMAL, "large" + i, 700);
        }
        int large = 0;
        for (var each = leavesWithin(throttle, 1); each != null; each = leavesWithin(throttle, 1)) {
            var payer = Objects.requireNonNull(each.ticket().payer()).account();
            if (each.payload().startsWith("large")) {
                large++;
                assertThat(payer).isEqualTo("rich");
            }
        }
        assertThat(large).isEqualTo(5);
    }

    @Test
    void aClientsOwnTokensAreReservedToo() {
        var throttle = throttle(0);
        var policy = new ClientPolicy("ci", 1, List.of(), List.of(new TokenLimit(1_000, Duration.ofMinutes(10))),
                0, 0);
        throttle.clients(List.of(policy));
        for (int i = 0; i < 4; i++) {
            queue(throttle, Priority.NORMAL, "r" + i, 600, policy);
        }
        var first = leaves(throttle);
        leaves(throttle); // one token is left: it goes
        assertThat(leavesWithin(throttle, 30)).isNull();
        spend(throttle, first, 100);
        assertThat(leaves(throttle).payload()).isEqualTo("r2");
        assertThat(throttle.snapshot().clients().getFirst().reserved()).isEqualTo(1_200);
    }

    @Test
    void aPartOfTheRequestsIsAPartOfTheTokens() {
        var throttle = throttle(1_000);
        throttle.parts(Map.of(Objects.requireNonNull(throttle.budgets().keySet().iterator().next()), REQUESTS / 4));
        assertThat(figures(throttle).limit()).isEqualTo(250);
    }

    @Test
    void whatWasUsedOutlivesTheProcess() {
        var before = throttle(1_000);
        queue(before, Priority.NORMAL, "a", 300);
        spend(before, leaves(before), 400);
        queue(before, Priority.NORMAL, "b", 250);
        leaves(before);
        clock.advance(10 * SECOND);
        var after = throttle(1_000);
        after.restore(before.budgets());
        assertThat(figures(after)).isEqualTo(new TokenFigures(1_000, 650, 0));
        clock.advance(52 * SECOND);
        assertThat(figures(after).used()).isEqualTo(250);
    }

    @Test
    void aChangeOfSettingsKeepsTheLimitOfTokens() {
        var throttle = throttle(1_000);
        throttle.reconfigure(Desk.settings(REQUESTS, 7, Pacing.WINDOW));
        assertThat(figures(throttle).limit()).isEqualTo(1_000);
        assertThat(throttle.snapshot().capacity()).isEqualTo(7);
    }

    private Throttle<String> throttle(long tokens) {
        return new Throttle<>(Desk.settings(REQUESTS, REQUESTS, Pacing.WINDOW),
                List.of(LaneSettings.of(budget(tokens))),
                clock);
    }

    private static BudgetSettings budget(long tokens) {
        return new BudgetSettings(REQUESTS, REQUESTS, Pacing.WINDOW, tokens);
    }

    private static void queue(Throttle<String> throttle, Priority priority, String who, long tokens) {
        queue(throttle, priority, who, tokens, ClientPolicy.ANONYMOUS);
    }

    private static void queue(Throttle<String> throttle, Priority priority, String who, long tokens,
            ClientPolicy client) {
        var estimate = new TokenEstimate(tokens, OptionalLong.of(0), OptionalLong.empty());
        var admission = (Admission.Queued<String>) throttle.admit(priority, null, null, client, Serving.ANY, estimate);
        throttle.enqueue(admission.ticket(), who);
    }

    private Departure<String> leaves(Throttle<String> throttle) {
        return Objects.requireNonNull(leavesWithin(throttle, 1));
    }

    /** Who leaves within these seconds, as the throttle itself says when to look again; null if nobody does. */
    private @Nullable Departure<String> leavesWithin(Throttle<String> throttle, int seconds) {
        long until = clock.nanoTime() + seconds * SECOND;
        while (true) {
            switch (throttle.next()) {
                case Next.Depart<String>(var departure) -> {
                    slot(departure).sent();
                    return departure;
                }
                case Next.WaitNanos<String>(long nanos) when nanos <= until - clock.nanoTime() -> clock.advance(nanos);
                default -> {
                    clock.advance(until - clock.nanoTime());
                    return null;
                }
            }
        }
    }

    private static Slot slot(Departure<String> departure) {
        return ((Verdict.Granted) departure.verdict()).slot();
    }

    private static void spend(Throttle<String> throttle, Departure<String> departure, long tokens) {
        slot(departure).succeeded();
        throttle.spent(departure.ticket(), tokens);
        throttle.finished(departure.ticket());
    }

    private static TokenFigures figures(Throttle<String> throttle) {
        return throttle.snapshot().keys().getFirst().modelTokens().orElseThrow();
    }
}
