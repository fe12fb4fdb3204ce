package dev.sidecar.throttle;

import static dev.sidecar.throttle.Desk.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.budget.BudgetSettings;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.KeyFigures;
import dev.sidecar.throttle.order.LaneSettings;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.Verdict;
import dev.sidecar.throttle.pool.AccountId;
import dev.sidecar.throttle.pool.Key;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a throttle leaves to the next process. */
class RestartTest {

    private final VirtualClock clock = new VirtualClock(0);
    private final Throttle<String> before = throttle("a", "b");

    private Throttle<String> throttle(String... accounts) {
        return new Throttle<>(Desk.settings(4, 4, Pacing.WINDOW), List.of(lane(accounts)), clock);
    }

    private static LaneSettings lane(String... accounts) {
        Map<String, BudgetSettings> settings = new LinkedHashMap<>();
        for (String each : accounts) {
            settings.put(each, new BudgetSettings(4, 4, Pacing.WINDOW));
        }
        return new LaneSettings("p", settings.keySet().stream().map(each -> new Key(each, each)).toList(), settings,
                Duration.ZERO);
    }

    private void send(Throttle<String> throttle, int count) {
        for (int i = 0; i < count; i++) {
            var admitted = (Admission.Queued<String>) throttle.admit(Priority.NORMAL, null);
            throttle.enqueue(admitted.ticket(), "n" + i);
            clock.advance(SECOND);
            var departure = ((Next.Depart<String>) throttle.next()).departure();
            ((Verdict.Granted) departure.verdict()).slot().sent();
        }
    }

    private static int used(Throttle<String> throttle, String account) {
        return throttle.snapshot().keys().stream().filter(each -> each.account().equals(account))
                .map(KeyFigures::minute).findFirst().orElseThrow().used();
    }

    @Test
    void eachAccountCountsWhatItHasSentBeforeTheRestart() {
        send(before, 5);
        var after = throttle("a", "b");
        after.restore(before.budgets());
        assertThat(used(after, "a")).isEqualTo(used(before, "a")).isPositive();
        assertThat(used(after, "a") + used(after, "b")).isEqualTo(5);
        clock.advance(61 * SECOND);
        assertThat(used(after, "a")).isZero();
        assertThat(before.budgets()).containsOnlyKeys(new AccountId("p", "a"), new AccountId("p", "b"))
                .allSatisfy((_, state) -> assertThat(state.ages()).isEmpty());
    }

    @Test
    void anAccountThatComesLaterCountsWhatIsStillCounted() {
        send(before, 8);
        var after = throttle("a");
        after.restore(before.budgets());
        clock.advance(55 * SECOND);
        after.providers(List.of(lane("a", "b")));
        assertThat(used(after, "b")).isEqualTo(used(before, "b")).isBetween(1, 4);
    }

    @Test
    void whereNobodyKnowsEachAccountCountsAFullWindow() {
        before.fill(Duration.ZERO);
        assertThat(used(before, "a")).isEqualTo(4);
        assertThat(used(before, "b")).isEqualTo(4);
        clock.advance(50 * SECOND);
        before.providers(List.of(lane("a", "b", "c")));
        assertThat(used(before, "c")).isEqualTo(4);
        clock.advance(11 * SECOND);
        before.providers(List.of(lane("a", "b", "c", "d")));
        assertThat(used(before, "a")).isZero();
        assertThat(used(before, "d")).isZero();
    }
}
