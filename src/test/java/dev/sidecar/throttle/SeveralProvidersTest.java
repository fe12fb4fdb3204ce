package dev.sidecar.throttle;

import static dev.sidecar.throttle.Desk.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.budget.BudgetSettings;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.budget.RateLimitSignal;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.ClientPolicy;
import dev.sidecar.throttle.order.Departure;
import dev.sidecar.throttle.order.KeyFigures;
import dev.sidecar.throttle.order.LaneSettings;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.Refusal;
import dev.sidecar.throttle.order.Serving;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.order.Verdict;
import dev.sidecar.throttle.pool.Key;
import dev.sidecar.throttle.pool.Payer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** One queue before several providers: each request goes to the first that may serve it and has a slot. */
class SeveralProvidersTest {

    /** The first key of the first provider. */
    private static final Serving PRIMARY = new Serving() {
        @Override
        public At by(String provider, @Nullable String requested) {
            return new At(provider, requested);
        }

        @Override
        public boolean primaryOnly() {
            return true;
        }
    };

    private final VirtualClock clock = new VirtualClock(0);
    private int arrived;

    @Test
    void theFirstProviderIsUsedUpBeforeTheSecond() {
        var throttle = throttle(lane("one", 3), lane("two", 3));
        fill(throttle, 5);
        assertThat(providers(grantsNow(throttle))).containsExactly("one", "one", "one", "two", "two");
    }

    @Test
    void aFallbackIsUsedByWhatHasWaitedSoLong() {
        var throttle = throttle(lane("one", 1), lane("two", 10, 5));
        fill(throttle, 3);
        assertThat(providers(grantsNow(throttle))).containsExactly("one");
        clock.advance(4 * SECOND);
        assertThat(grantsNow(throttle)).isEmpty();
        clock.advance(SECOND);
        assertThat(providers(grantsNow(throttle))).containsExactly("two", "two");
    }

    @Test
    void aFallbackIsUsedAtOnceWhileTheCircuitBeforeItIsOpen() {
        var throttle = throttle(lane("one", 10), lane("two", 10, 5));
        throttle.circuitOpened("one", Duration.ofSeconds(30));
        fill(throttle, 2);
        assertThat(providers(grantsNow(throttle))).containsExactly("two", "two");
        throttle.circuitClosed("one");
        fill(throttle, 2);
        assertThat(providers(grantsNow(throttle))).containsExactly("one", "one");
    }

    @Test
    void whoWaitsForAProviderWhoseCircuitOpensGoesToTheNextAtOnce() {
        var throttle = throttle(lane("one", 1), lane("two", 10, 50));
        fill(throttle, 4);
        assertThat(providers(grantsNow(throttle))).containsExactly("one");
        throttle.circuitOpened("one", Duration.ofSeconds(30));
        assertThat(providers(grantsNow(throttle))).containsExactly("two", "two", "two");
    }

    @Test
    void anOpenCircuitIsProbedOnceASecondWhileTheOthersServe() {
        var throttle = throttle(lane("one", 40), lane("two", 40, 5));
        throttle.circuitOpened("one", Duration.ofSeconds(30));
        clock.advance(31 * SECOND);
        fill(throttle, 5);
        assertThat(providers(grantsNow(throttle))).containsExactlyInAnyOrder("one", "two", "two", "two", "two");
        clock.advance(SECOND);
        fill(throttle, 3);
        assertThat(providers(grantsNow(throttle))).containsExactlyInAnyOrder("one", "two", "two");
    }

    @Test
    void whomNobodyElseServesIsToldThatTheCircuitIsOpen() {
        var throttle = throttle(lane("one", 1), lane("two", 10));
        var only = Serving.of(List.of(new Serving.At("one", "m")));
        fill(throttle, 1, only);
        assertThat(grantsNow(throttle)).hasSize(1);
        fill(throttle, 1, only);
        throttle.circuitOpened("one", Duration.ofSeconds(30));
        var told = ((Next.Depart<String>) throttle.next()).departure();
        assertThat(told.verdict()).isInstanceOfSatisfying(Verdict.Refused.class,
                refused -> assertThat(refused.refusal().reason()).isEqualTo(Refusal.Reason.CIRCUIT_OPEN));
        assertThat(admit(throttle, "a", only)).isInstanceOfSatisfying(Admission.Refused.class, refused -> {
            assertThat(refused.refusal().reason()).isEqualTo(Refusal.Reason.CIRCUIT_OPEN);
            assertThat(refused.refusal().retryAfter()).isEqualTo(Duration.ofSeconds(30));
        });
        assertThat(admit(throttle, "a", Serving.ANY)).isInstanceOf(Admission.Queued.class);
    }

    @Test
    void aFallbackIsUsedAtOnceWhileThePauseBeforeItIsLonger() {
        var throttle = throttle(lane("one", 10), lane("two", 10, 5));
        fill(throttle, 1);
        var first = grantsNow(throttle).getFirst();
        slot(first).refused(pause(20));
        throttle.finished(first.ticket());
        fill(throttle, 1);
        assertThat(providers(grantsNow(throttle))).containsExactly("two");
        clock.advance(16 * SECOND); // less than fallback-after is left of the pause
        fill(throttle, 1);
        assertThat(grantsNow(throttle)).isEmpty();
        clock.advance(5 * SECOND);
        assertThat(providers(grantsNow(throttle))).containsExactly("one");
    }

    @Test
    void aModelThatOneProviderServesHoldsUpNobody() {
        var throttle = throttle(lane("one", 2), lane("two", 2));
        var only = Serving.of(List.of(new Serving.At("one", "m")));
        fill(throttle, 5, only);
        fill(throttle, 2);
        assertThat(payloads(grantsNow(throttle))).containsExactly("0", "1", "5", "6");
        fill(throttle, 1);
        // It does not count those of the other model before it on the second provider.
        assertThat(admit(throttle, "a", Serving.of(List.of(new Serving.At("two", "m")))))
                .isInstanceOfSatisfying(Admission.Queued.class, queued -> assertThat(queued.position()).isEqualTo(2));
    }

    @Test
    void aRefusedKeyPaysForNothingUntilItIsAcceptedAgain() {
        var throttle = throttle(twoKeys("one", 10, 10));
        throttle.keyAccepted("one-a", false);
        fill(throttle, 4);
        assertThat(keys(grantsNow(throttle))).containsOnly("one-b");
        assertThat(throttle.snapshot().keys()).extracting(KeyFigures::state).containsExactly(KeyFigures.State.REFUSED,
                KeyFigures.State.OK);
        assertThat(throttle.snapshot().minute().limit()).isEqualTo(10);
        throttle.keyAccepted("one-a", true);
        fill(throttle, 4);
        assertThat(keys(grantsNow(throttle))).contains("one-a");
        assertThat(throttle.snapshot().minute().limit()).isEqualTo(20);
    }

    @Test
    void withEveryKeyRefusedRequestsGoOnTheFirst() {
        var throttle = throttle(twoKeys("one", 10, 10), lane("two", 10));
        throttle.keyAccepted("one-b", false);
        throttle.keyAccepted("one-a", false);
        fill(throttle, 1);
        assertThat(keys(grantsNow(throttle))).containsExactly("two");
        throttle.keyAccepted("two", false);
        fill(throttle, 2);
        assertThat(keys(grantsNow(throttle))).containsExactly("one-a", "one-a");
    }

    @Test
    void whoWaitsForARefusedProviderGoesToTheNextAtOnce() {
        var throttle = throttle(lane("one", 1), lane("two", 10, 50));
        fill(throttle, 3);
        assertThat(providers(grantsNow(throttle))).containsExactly("one");
        throttle.keyAccepted("one", false);
        assertThat(providers(grantsNow(throttle))).containsExactly("two", "two");
    }

    @Test
    void aRefusedRequestGoesToAnotherKey() {
        var throttle = throttle(twoKeys("one", 10, 10), lane("two", 10, 50));
        fill(throttle, 1);
        var tried = new HashSet<String>();
        var attempt = grantsNow(throttle).getFirst();
        while (tried.add(key(attempt)) && throttle.retryWithAnotherKey(
                attempt.ticket()) instanceof Admission.Queued<String> again) {
            throttle.enqueue(again.ticket(), "again");
            attempt = grantsNow(throttle).getFirst();
        }
        assertThat(tried).containsExactlyInAnyOrder("one-a", "one-b", "two");
        assertThat(throttle.size()).isZero();
    }

    @Test
    void aKeyRefusedForOneClientAndModelServesOthers() {
        var throttle = throttle(twoKeys("one", 10, 10));
        fill(throttle, 1, "m", "a");
        var first = grantsNow(throttle).getFirst();
        throttle.keyRefusedFor(first.ticket());
        fill(throttle, 8, "m", "a");
        assertThat(keys(grantsNow(throttle))).doesNotContain(key(first)).hasSize(8);
        fill(throttle, 6, "m", "b");
        assertThat(keys(grantsNow(throttle))).contains(key(first));
        fill(throttle, 4, "other", "a");
        assertThat(grantsNow(throttle)).hasSize(4);
        clock.advance(Duration.ofMinutes(5).toNanos());
        fill(throttle, 4, "m", "a");
        assertThat(keys(grantsNow(throttle))).contains(key(first));
    }

    @Test
    void whoMayNotUseTheKeyWithASlotHoldsUpNobody() {
        var throttle = throttle(twoKeys("one", 10, 1));
        fill(throttle, 1, "m", "a");
        var first = grantsNow(throttle).getFirst();
        assertThat(key(first)).isEqualTo("one-a");
        throttle.keyRefusedFor(first.ticket());
        fill(throttle, 3, "m", "a");
        fill(throttle, 2, "m", "b");
        assertThat(keys(grantsNow(throttle))).containsExactlyInAnyOrder("one-b", "one-a", "one-a");
        assertThat(throttle.size()).isEqualTo(2);
        clock.advance(60 * SECOND);
        assertThat(keys(grants(throttle, Duration.ofSeconds(130)))).containsExactly("one-b", "one-b");
    }

    @Test
    void whatMayBeStoredGoesToThePrimaryKey() {
        var throttle = throttle(twoKeys("one", 2, 10), lane("two", 10));
        fill(throttle, 4, PRIMARY);
        fill(throttle, 3);
        assertThat(keys(grantsNow(throttle))).containsExactlyInAnyOrder("one-a", "one-a", "one-b", "one-b", "one-b");
        assertThat(throttle.size()).isEqualTo(2);
        assertThat(keys(grants(throttle, Duration.ofSeconds(130)))).containsExactly("one-a", "one-a");
    }

    @Test
    void aFloodThatOnlyThePrimaryKeyServesIsBoundedAndToldTheTruth() {
        var settings = new ThrottleSettings(40, 40, Pacing.WINDOW, 20, Duration.ofSeconds(150), Duration.ofSeconds(150),
                false);
        var throttle = new Throttle<String>(settings, List.of(twoKeys("one", 2, 40)), clock);
        int taken = 0;
        Duration last = Duration.ZERO;
        for (int i = 0; i < 60; i++) {
            if (throttle.admit(Priority.NORMAL, null, "m", ClientPolicy.ANONYMOUS,
                    PRIMARY) instanceof Admission.Queued<String> queued) {
                throttle.enqueue(queued.ticket(), "stored");
                taken++;
                last = queued.estimatedWait();
            }
            grantsNow(throttle);
        }
        assertThat(taken).isBetween(5, 8); // two now, two after a minute, two after the next
        assertThat(last).isGreaterThan(Duration.ofSeconds(55));
        assertThat(throttle.admit(Priority.NORMAL, Duration.ofSeconds(1), "m", ClientPolicy.ANONYMOUS))
                .as("who may use the other key").isInstanceOfSatisfying(Admission.Queued.class,
                        queued -> assertThat(queued.estimatedWait()).isLessThan(Duration.ofSeconds(1)));
    }

    @Test
    void whoWasPutOffGoesAsSoonAsItsAccountHasASlotAgain() {
        var throttle = throttle(twoKeys("one", 1, 40));
        fill(throttle, 1, PRIMARY);
        var unsent = ((Next.Depart<String>) throttle.next()).departure();
        fill(throttle, 1, PRIMARY);
        assertThat(throttle.next()).isInstanceOf(Next.WaitNanos.class);
        clock.advance(SECOND);
        assertThat(throttle.next()).isInstanceOf(Next.WaitNanos.class);
        assertThat(throttle.size()).isEqualTo(1);
        slot(unsent).giveBack();
        throttle.finished(unsent.ticket());
        assertThat(keys(grantsNow(throttle))).containsExactly("one-a");
    }

    @Test
    void aProviderThatAsksForTimeIsLeftAloneAndTheOtherServes() {
        var throttle = throttle(lane("one", 10), lane("two", 10, 5));
        fill(throttle, 1);
        var first = grantsNow(throttle).getFirst();
        slot(first).succeeded();
        var again = (Admission.Queued<String>) throttle.retry(first.ticket(), Duration.ZERO, Duration.ofSeconds(60));
        throttle.enqueue(again.ticket(), "again");
        assertThat(providers(grantsNow(throttle))).containsExactly("two");
    }

    @Test
    void aRefusedRequestGoesToAnotherProviderThatIsFree() {
        var throttle = throttle(lane("one", 10), lane("two", 10));
        fill(throttle, 1);
        var first = grantsNow(throttle).getFirst();
        slot(first).refused();
        var again = (Admission.Queued<String>) throttle.retry(first.ticket(), Duration.ZERO);
        throttle.enqueue(again.ticket(), "again");
        assertThat(providers(grantsNow(throttle))).containsExactly("two");
    }

    @Test
    void whomNobodyServesAfterAChangeIsTold() {
        var serves = new HashSet<>(Set.of("one"));
        var throttle = throttle(lane("one", 1), lane("two", 1));
        fill(throttle, 2, (provider, model) -> serves.contains(provider) ? new Serving.At(provider, model) : null);
        assertThat(grantsNow(throttle)).hasSize(1);
        serves.clear();
        throttle.providers(List.of(lane("two", 1)));
        assertThat(((Next.Depart<String>) throttle.next()).departure().verdict()).isInstanceOf(Verdict.Refused.class);
        assertThat(throttle.size()).isZero();
    }

    @Test
    void aFullModelStaysFullOverAChangeAndIsFreeWhenItsRequestsEnd() {
        var throttle = throttle(lane("one", 40), lane("two", 40));
        var only = Serving.of(List.of(new Serving.At("one", "m")));
        fill(throttle, 3, only);
        var running = grantsNow(throttle);
        throttle.workerCapReached(running.get(2).ticket()); // two others run
        fill(throttle, 1, only);
        throttle.providers(List.of(lane("one", 40), lane("two", 40), lane("three", 1)));
        assertThat(grantsNow(throttle)).isEmpty();
        throttle.finished(running.get(0).ticket());
        assertThat(grantsNow(throttle)).hasSize(1);
    }

    @Test
    void whoIsPutOffWhileTheCircuitOpensKeepsNobodyAwake() {
        var throttle = throttle(twoKeys("one", 1, 40), lane("two", 1));
        fill(throttle, 3, PRIMARY);
        assertThat(grantsNow(throttle)).hasSize(1);
        clock.advance(50 * SECOND);
        var two = Serving.of(List.of(new Serving.At("two", "m"), new Serving.At("one", "m")));
        fill(throttle, 3, two);
        grantsNow(throttle);
        throttle.circuitOpened("one", Duration.ofSeconds(40));
        clock.advance(20 * SECOND);
        Next<String> next = throttle.next();
        while (next instanceof Next.Depart) {
            next = throttle.next();
        }
        assertThat(next).isInstanceOfAny(Next.Idle.class, Next.WaitNanos.class);
        if (next instanceof Next.WaitNanos<String>(var nanos)) {
            assertThat(nanos).isGreaterThan(SECOND / 1000);
        }
    }

    @Test
    void otherProvidersTakeOverWithoutLossAndWithoutAFreshWindow() {
        var throttle = throttle(lane("one", 3), lane("two", 3));
        fill(throttle, 12);
        assertThat(grantsNow(throttle)).hasSize(6);
        throttle.providers(List.of(lane("two", 5), lane("three", 1)));
        assertThat(throttle.size()).isEqualTo(6);
        assertThat(providers(grantsNow(throttle))).containsExactlyInAnyOrder("two", "two", "three");
        throttle.providers(List.of(lane("one", 3), lane("two", 5)));
        assertThat(grantsNow(throttle)).isEmpty(); // what was sent still counts
        assertThat(grants(throttle, Duration.ofSeconds(70))).hasSize(3);
    }

    @Test
    void theForecastTakesTheEarliestProvider() {
        var throttle = throttle(lane("one", 1), lane("two", 1, 20));
        fill(throttle, 1);
        grantsNow(throttle);
        assertThat(admit(throttle, "a", Serving.ANY)).isInstanceOfSatisfying(Admission.Queued.class,
                queued -> assertThat(queued.estimatedWait()).isBetween(Duration.ofSeconds(20), Duration.ofSeconds(22)));
        assertThat(throttle.admit(Priority.NORMAL, Duration.ofSeconds(19))).isInstanceOf(Admission.Refused.class);
    }

    @Test
    void aCrowdThatTwoProvidersShareIsNotRefused() {
        var throttle = throttle(lane("one", 40), lane("two", 40));
        fill(throttle, 80);
        assertThat(grants(throttle, Duration.ofSeconds(3))).hasSize(80);
        for (int i = 0; i < 79; i++) {
            enter(throttle, throttle.admit(Priority.NORMAL, Duration.ofSeconds(70)));
        }
        assertThat(throttle.admit(Priority.NORMAL, Duration.ofSeconds(30))).isInstanceOf(Admission.Refused.class);
        assertThat(grants(throttle, Duration.ofSeconds(65))).hasSize(79);
    }

    /** Whatever comes: no account is over its limit, every request departs once, and no slot is left while one could use it. */
    @Property(tries = 150)
    void nothingIsLostAndNoLimitBroken(@ForAll long seed) {
        var random = new Random(seed);
        List<LaneSettings> lanes = List.of(
                twoKeys("one", 1 + random.nextInt(20), 1 + random.nextInt(20)),
                lane("two", 1 + random.nextInt(20), random.nextInt(20)),
                lane("three", 1 + random.nextInt(5), random.nextInt(40)));
        var throttle = throttle(lanes.toArray(LaneSettings[]::new));
        Map<String, List<Long>> sends = new HashMap<>();
        Set<Ticket<String>> waiting = new HashSet<>();
        List<Departure<String>> running = new ArrayList<>();
        long end = clock.nanoTime() + 300 * SECOND;
        while (end - clock.nanoTime() > 0 || !waiting.isEmpty()) {
            if (end - clock.nanoTime() > 0) {
                disturb(throttle, random, waiting, running);
            }
            switch (throttle.next()) {
                case Next.Depart<String>(var departure) -> {
                    assertThat(waiting.remove(departure.ticket())).isTrue();
                    if (departure.verdict() instanceof Verdict.Granted(var slot)) {
                        slot.sent();
                        sends.computeIfAbsent(payer(departure).provider() + payer(departure).account(),
                                _ -> new ArrayList<>()).add(clock.nanoTime());
                        running.add(departure);
                    }
                }
                case Next.WaitNanos<String>(var nanos) -> {
                    assertThat(nanos).as("else a thread would never sleep").isPositive();
                    clock.advance(Math.min(nanos, 1 + random.nextLong(3 * SECOND)));
                }
                case Next.Idle<String> _ -> {
                    assertThat(waiting).isEmpty();
                    clock.advance(SECOND);
                }
            }
            assertThat(throttle.size()).isLessThanOrEqualTo(waiting.size());
        }
        lanes.forEach(lane -> lane.accounts().forEach((account, settings) -> {
            List<Long> times = sends.getOrDefault(lane.provider() + account, List.of());
            for (int i = settings.limitPerMinute(); i < times.size(); i++) {
                assertThat(times.get(i) - times.get(i - settings.limitPerMinute()))
                        .isGreaterThanOrEqualTo(60 * SECOND);
            }
        }));
    }

    private void disturb(Throttle<String> throttle, Random random, Set<Ticket<String>> waiting,
            List<Departure<String>> running) {
        switch (random.nextInt(12)) {
            case 0, 1, 2, 3 -> {
                var serving = switch (random.nextInt(4)) {
                    case 0 -> PRIMARY;
                    case 1 -> Serving.of(List.of(new Serving.At("two", "x"), new Serving.At("three", null)));
                    default -> Serving.ANY;
                };
                var priority = List.of(Priority.values()).get(random.nextInt(3));
                var admission = throttle.admit(priority, Duration.ofSeconds(1 + random.nextInt(90)), "m",
                        new ClientPolicy("c" + random.nextInt(3), 1 + random.nextInt(3)), serving);
                if (admission instanceof Admission.Queued<String> queued) {
                    waiting.add(queued.ticket());
                    throttle.enqueue(queued.ticket(), "any");
                }
            }
            case 4, 5, 6 -> end(throttle, random, waiting, running);
            case 7 -> throttle.keyAccepted(random.nextBoolean() ? "one-a" : "two", random.nextBoolean());
            case 8 -> throttle.circuitOpened(random.nextBoolean() ? "one" : "two",
                    Duration.ofSeconds(random.nextInt(20)));
            case 9 -> throttle.circuitClosed(random.nextBoolean() ? "one" : "two");
            case 10 -> waiting.stream().findFirst().ifPresent(throttle::abandon);
            default -> clock.advance(random.nextLong(SECOND));
        }
    }

    private static void end(Throttle<String> throttle, Random random, Set<Ticket<String>> waiting,
            List<Departure<String>> running) {
        if (running.isEmpty()) {
            return;
        }
        var departure = running.remove(random.nextInt(running.size()));
        switch (random.nextInt(5)) {
            case 0 -> {
                slot(departure).refused(pause(random.nextInt(10)));
                again(throttle.retry(departure.ticket(), Duration.ofMillis(random.nextInt(2000))), throttle, waiting);
            }
            case 1 -> {
                slot(departure).succeeded();
                throttle.keyRefusedFor(departure.ticket());
                again(throttle.retryWithAnotherKey(departure.ticket()), throttle, waiting);
            }
            case 2 -> throttle.workerCapReached(departure.ticket());
            default -> {
                slot(departure).succeeded();
                throttle.finished(departure.ticket());
            }
        }
    }

    private static void again(Admission<String> admission, Throttle<String> throttle, Set<Ticket<String>> waiting) {
        if (admission instanceof Admission.Queued<String> queued) {
            waiting.add(queued.ticket());
            throttle.enqueue(queued.ticket(), "again");
        }
    }

    private static RateLimitSignal pause(int seconds) {
        return new RateLimitSignal(RateLimitSignal.Kind.UNKNOWN, Optional.of(Duration.ofSeconds(seconds)),
                OptionalInt.empty(), OptionalInt.empty(), Optional.empty());
    }

    private Throttle<String> throttle(LaneSettings... lanes) {
        return new Throttle<>(Desk.PATIENT, List.of(lanes), clock);
    }

    private static LaneSettings lane(String name, int limit) {
        return lane(name, limit, 0);
    }

    private static LaneSettings lane(String name, int limit, int fallbackAfterSeconds) {
        return new LaneSettings(name, List.of(new Key(name, name)), Map.of(name, budget(limit)),
                Duration.ofSeconds(fallbackAfterSeconds));
    }

    private static LaneSettings twoKeys(String name, int first, int second) {
        Map<String, BudgetSettings> accounts = new LinkedHashMap<>();
        accounts.put(name + "-a", budget(first));
        accounts.put(name + "-b", budget(second));
        return new LaneSettings(name, accounts.keySet().stream().map(each -> new Key(each, each)).toList(), accounts,
                Duration.ZERO);
    }

    private static BudgetSettings budget(int limit) {
        return new BudgetSettings(limit, limit, Pacing.WINDOW);
    }

    private void fill(Throttle<String> throttle, int count) {
        fill(throttle, count, Serving.ANY);
    }

    private void fill(Throttle<String> throttle, int count, Serving serving) {
        for (int i = 0; i < count; i++) {
            enter(throttle, admit(throttle, "a", serving));
        }
    }

    private void fill(Throttle<String> throttle, int count, String model, String client) {
        for (int i = 0; i < count; i++) {
            enter(throttle, throttle.admit(Priority.NORMAL, null, model, new ClientPolicy(client, 1)));
        }
    }

    private static Admission<String> admit(Throttle<String> throttle, String client, Serving serving) {
        return throttle.admit(Priority.NORMAL, null, "m", new ClientPolicy(client, 1), serving);
    }

    private void enter(Throttle<String> throttle, Admission<String> admission) {
        var queued = (Admission.Queued<String>) admission;
        throttle.enqueue(queued.ticket(), String.valueOf(arrived++));
    }

    /** All that can go now, or within the gaps between two sends. */
    private List<Departure<String>> grantsNow(Throttle<String> throttle) {
        return grants(throttle, Duration.ofMillis(500));
    }

    private List<Departure<String>> grants(Throttle<String> throttle, Duration within) {
        List<Departure<String>> grants = new ArrayList<>();
        long start = clock.nanoTime();
        long end = start + within.toNanos();
        while (true) {
            switch (throttle.next()) {
                case Next.Depart<String>(var departure) -> {
                    slot(departure).sent();
                    grants.add(departure);
                }
                case Next.WaitNanos<String>(var nanos) when nanos <= end - clock.nanoTime() -> clock.advance(nanos);
                default -> {
                    return grants;
                }
            }
        }
    }

    private static Slot slot(Departure<String> departure) {
        return ((Verdict.Granted) departure.verdict()).slot();
    }

    private static Payer payer(Departure<String> departure) {
        return Objects.requireNonNull(departure.ticket().payer());
    }

    private static String key(Departure<String> departure) {
        return payer(departure).key();
    }

    private static List<String> providers(List<Departure<String>> departures) {
        return departures.stream().map(each -> payer(each).provider()).toList();
    }

    private static List<String> keys(List<Departure<String>> departures) {
        return departures.stream().map(SeveralProvidersTest::key).toList();
    }

    private static List<String> payloads(List<Departure<String>> departures) {
        return departures.stream().map(Departure::payload).toList();
    }
}
