package dev.sidecar.throttle;

import static dev.sidecar.throttle.Desk.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.budget.BudgetSettings;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.budget.RateLimitSignal;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Departure;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** One queue over several accounts: who pays is decided at the grant. */
class SeveralAccountsTest {

    private final VirtualClock clock = new VirtualClock(0);
    private final Map<String, List<Long>> sends = new HashMap<>();
    private final List<String> order = new ArrayList<>();
    private int arrived;

    @Test
    void twoAccountsOfFortyMakeEightyAndNoneIsOverItsLimit() {
        var throttle = throttle(40, 40);
        run(throttle, Duration.ofHours(1));
        assertThat(all()).isGreaterThan((long) (0.97 * 80 * 60));
        assertThat(sends.keySet()).containsExactlyInAnyOrder("a0", "a1");
        sends.forEach((account, times) -> assertNeverOver(times, 40));
    }

    @Test
    void accountsOfFortyAndTwentyGiveWhatEachMay() {
        var throttle = throttle(40, 20);
        run(throttle, Duration.ofHours(1));
        assertThat(sends("a0").size()).isGreaterThan((int) (0.97 * 40 * 60));
        assertThat(sends("a1").size()).isGreaterThan((int) (0.97 * 20 * 60));
        assertNeverOver(sends("a0"), 40);
        assertNeverOver(sends("a1"), 20);
    }

    @Test
    void theOrderIsOneOverAllAccounts() {
        var throttle = throttle(40, 20);
        run(throttle, Duration.ofMinutes(20));
        assertThat(order).isSortedAccordingTo((a, b) -> Integer.compare(Integer.parseInt(a), Integer.parseInt(b)));
    }

    @Test
    void aRefusalOfOneAccountLeavesTheOtherAlone() {
        var throttle = throttle(40, 40);
        fill(throttle, 200);
        var first = granted(throttle);
        ((Verdict.Granted) first.verdict()).slot()
                .refused(new RateLimitSignal(RateLimitSignal.Kind.UNKNOWN, Optional.of(Duration.ofMinutes(5)),
                        OptionalInt.empty(), OptionalInt.empty(), Optional.empty()));
        throttle.finished(first.ticket());
        var paying = payer(first);
        sends.clear();
        run(throttle, Duration.ofMinutes(4));
        assertThat(sends.keySet()).doesNotContain(paying).hasSize(1);
        assertThat(all()).isBetween(155L, 200L);
    }

    @Test
    void aFurtherAttemptGoesToAnotherAccount() {
        var throttle = throttle(40, 40);
        fill(throttle, 1);
        var first = granted(throttle);
        ((Verdict.Granted) first.verdict()).slot().refused();
        var again = (Admission.Queued<String>) throttle.retry(first.ticket(), Duration.ZERO);
        throttle.enqueue(again.ticket(), "again");
        var second = granted(throttle);
        assertThat(clock.nanoTime()).isLessThan(SECOND);
        assertThat(payer(second)).isNotEqualTo(payer(first));
    }

    @Test
    void theForecastCountsAllAccounts() {
        var throttle = throttle(40, 40);
        fill(throttle, 80);
        run(throttle, Duration.ofSeconds(20), 0);
        fill(throttle, 79);
        assertThat(throttle.admit(Priority.NORMAL, null)).isInstanceOfSatisfying(Admission.Queued.class,
                queued -> assertThat(queued.estimatedWait()).isLessThan(Duration.ofMinutes(2)));
        assertThat(throttle.admit(Priority.NORMAL, Duration.ofSeconds(20))).isInstanceOf(Admission.Refused.class);
        assertThat(throttle.snapshot().minute().limit()).isEqualTo(80);
    }

    /** Whatever comes and goes, with jitter on the way and responses of any length. */
    @Property(tries = 40)
    void noAccountIsEverOverItsLimit(@ForAll long seed) {
        var random = new Random(seed);
        int[] limits = {1 + random.nextInt(60), 1 + random.nextInt(60), 1 + random.nextInt(20)};
        sends.clear();
        var throttle = throttle(limits);
        long end = clock.nanoTime() + 600 * SECOND;
        while (clock.nanoTime() < end) {
            fill(throttle, random.nextInt(30));
            run(throttle, Duration.ofMillis(random.nextInt(30_000)), 0);
        }
        for (int i = 0; i < limits.length; i++) {
            assertNeverOver(sends("a" + i), limits[i]);
        }
    }

    private Throttle<String> throttle(int... limits) {
        Map<String, BudgetSettings> accounts = new LinkedHashMap<>();
        for (int i = 0; i < limits.length; i++) {
            accounts.put("a" + i, new BudgetSettings(limits[i], limits[i], Pacing.WINDOW));
        }
        return new Throttle<>(Desk.PATIENT, accounts, clock);
    }

    private void fill(Throttle<String> throttle, int count) {
        for (int i = 0; i < count; i++) {
            var queued = (Admission.Queued<String>) throttle.admit(Priority.NORMAL, null);
            throttle.enqueue(queued.ticket(), String.valueOf(arrived++));
        }
    }

    /** Full demand. */
    private void run(Throttle<String> throttle, Duration time) {
        run(throttle, time, 20);
    }

    /** Each request is sent when it is granted, and succeeds. */
    private void run(Throttle<String> throttle, Duration time, int backlog) {
        long end = clock.nanoTime() + time.toNanos();
        while (end - clock.nanoTime() > 0) {
            fill(throttle, Math.max(0, backlog - throttle.size()));
            switch (throttle.next()) {
                case Next.Depart<String>(var departure) -> {
                    if (departure.verdict() instanceof Verdict.Granted(var slot)) {
                        slot.sent();
                        slot.succeeded();
                        throttle.finished(departure.ticket());
                        sends.computeIfAbsent(payer(departure), _ -> new ArrayList<>())
                                .add(clock.nanoTime());
                        order.add(departure.payload());
                    }
                }
                case Next.WaitNanos<String>(var nanos) -> clock.advance(Math.min(nanos, end - clock.nanoTime()));
                case Next.Idle<String> _ -> clock.advance(end - clock.nanoTime());
            }
        }
    }

    private Departure<String> granted(Throttle<String> throttle) {
        while (true) {
            switch (throttle.next()) {
                case Next.Depart<String>(var departure) -> {
                    ((Verdict.Granted) departure.verdict()).slot().sent();
                    return departure;
                }
                case Next.WaitNanos<String>(var nanos) -> clock.advance(nanos);
                case Next.Idle<String> _ -> throw new AssertionError("nobody waits");
            }
        }
    }

    private static String payer(Departure<String> departure) {
        return Objects.requireNonNull(departure.ticket().payer()).account();
    }

    private List<Long> sends(String account) {
        return sends.getOrDefault(account, List.of());
    }

    private long all() {
        return sends.values().stream().mapToLong(List::size).sum();
    }

    private static void assertNeverOver(List<Long> times, int limit) {
        for (int i = limit; i < times.size(); i++) {
            assertThat(times.get(i) - times.get(i - limit)).isGreaterThanOrEqualTo(60 * SECOND);
        }
    }
}
