package dev.sidecar.throttle;

import static dev.sidecar.throttle.Desk.MILLI;
import static dev.sidecar.throttle.Desk.SECOND;
import static dev.sidecar.throttle.order.Priority.HIGH;
import static dev.sidecar.throttle.order.Priority.LOW;
import static dev.sidecar.throttle.order.Priority.NORMAL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.budget.RateLimitSignal;
import dev.sidecar.throttle.budget.RateLimitSignal.Kind;
import dev.sidecar.throttle.budget.RetreatSnapshot;
import dev.sidecar.throttle.budget.RetreatState;
import dev.sidecar.throttle.budget.SlidingWindow;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.Refusal;
import dev.sidecar.throttle.order.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Consumer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the provider's answers, told through the slots, do to those who wait. */
class ThrottleRetreatTest {

    private static final long MINUTE = 60 * SECOND;

    private static RateLimitSignal retryAfter(Duration pause) {
        return new RateLimitSignal(Kind.REQUEST_RATE, Optional.of(pause), OptionalInt.empty(), OptionalInt.empty(),
                Optional.empty());
    }

    /** As soon as the rules allow it; not sent yet. */
    private static Slot grant(Desk desk) {
        desk.queue(NORMAL, "granted");
        Next<String> next = desk.throttle.next();
        while (next instanceof Next.WaitNanos<String>(var nanos)) {
            desk.clock.advance(nanos);
            next = desk.throttle.next();
        }
        return ((Verdict.Granted) ((Next.Depart<String>) next).departure().verdict()).slot();
    }

    private static void refuse(Desk desk, RateLimitSignal signal) {
        assertThat(grant(desk).refused(signal)).isTrue();
    }

    private static RetreatSnapshot retreat(Desk desk) {
        return desk.throttle.snapshot().retreat();
    }

    /** In retreat, at three quarters of its limit. */
    private static Desk retreated(int limit, Pacing pacing) {
        var desk = new Desk(Desk.settings(limit, limit, pacing));
        for (int i = 0; i < 2; i++) {
            refuse(desk, retryAfter(Duration.ZERO));
            desk.clock.advance(5 * SECOND);
        }
        assertThat(retreat(desk).state()).isEqualTo(RetreatState.RETREAT);
        assertThat(retreat(desk).effectiveRpm()).isEqualTo(0.75 * limit);
        return desk;
    }

    @Test
    void afterARefusalNobodyIsGrantedBeforeThePauseEndsNotEvenBesideTheLine() {
        var desk = new Desk(Desk.PATIENT);
        desk.clock.advance(SECOND);
        refuse(desk, retryAfter(Duration.ofSeconds(30)));
        desk.clock.advance(SECOND);
        assertThat(retreat(desk).paused()).isEqualTo(Duration.ofSeconds(29));
        assertThat(desk.throttle.snapshot().tokens()).isZero();
        for (Priority each : Priority.values()) {
            desk.queue(each, each.label());
        }
        desk.runUntil(31 * SECOND - 1);
        assertThat(desk.left).isEmpty();
        desk.runUntil(32 * SECOND);
        assertThat(desk.names()).containsExactly("high", "normal", "low");
        assertThat(desk.grantTimes().getFirst()).isEqualTo(31 * SECOND);
        assertThat(desk.throttle.snapshot().healthy()).isTrue();
    }

    @Test
    void whoseDeadlineEndsInThePauseIsRefusedOnArrivalAndWhoWaitedAlreadyAtOnce() {
        var desk = new Desk(Desk.USUAL);
        Slot slot = grant(desk);
        desk.queue(HIGH, "waits", Duration.ofSeconds(10));
        slot.refused(retryAfter(Duration.ofSeconds(30)));
        for (Priority each : Priority.values()) {
            var refusal = ((Admission.Refused<String>) desk.admit(each, Duration.ofSeconds(30))).refusal();
            assertThat(refusal.reason()).isEqualTo(Refusal.Reason.DEADLINE_UNREACHABLE);
        }
        var shortOne = ((Admission.Refused<String>) desk.admit(HIGH, Duration.ofSeconds(12))).refusal();
        assertThat(shortOne.retryAfter()).as("an interval behind the one who was refused before")
                .isEqualTo(Duration.ofSeconds(32));
        desk.queue(HIGH, "patient", Duration.ofSeconds(31));
        desk.runUntil(MINUTE);
        assertThat(desk.left).extracting(Desk.Left::who).containsExactly("waits", "patient");
        assertThat(desk.left.getFirst().at()).isZero();
        assertThat(desk.left.getFirst().granted()).isFalse();
        assertThat(desk.left.getLast().at()).isEqualTo(30 * SECOND);
    }

    @ParameterizedTest
    @CsvSource({"WINDOW, NORMAL, 10", "WINDOW, NORMAL, 40", "WINDOW, LOW, 40", "PACED, NORMAL, 40", "PACED, LOW, 40"})
    void whoQueuesInAPauseIsToldTheTimeAfterIt(Pacing pacing, Priority priority, int burst) {
        var desk = new Desk(Desk.settings(40, burst, pacing));
        refuse(desk, retryAfter(Duration.ofMinutes(2)));
        Duration told = Duration.ZERO;
        for (int i = 0; i < 30; i++) {
            var admission = (Admission.Queued<String>) desk.admit(priority);
            desk.throttle.enqueue(admission.ticket(), "n" + i);
            told = admission.estimatedWait();
        }
        desk.runUntil(5 * MINUTE);
        assertThat(desk.left).hasSize(30);
        long at = desk.left.getLast().at();
        assertThat(told.toNanos()).isBetween(at - 3 * SECOND, at + at / 8 + 3 * SECOND);
    }

    @Test
    void whoDoesNotFitTheWindowAfterAPauseIsRefusedForTheWindowToo() {
        var desk = new Desk(Desk.settings(40, 80, Pacing.WINDOW));
        refuse(desk, retryAfter(Duration.ofMinutes(2)));
        desk.queue(NORMAL, "n", 40);
        assertThat(desk.admit(NORMAL, Duration.ofMinutes(3))).isInstanceOf(Admission.Refused.class);
        desk.queue(NORMAL, "patient", Duration.ofSeconds(181));
        desk.runUntil(180 * SECOND);
        assertThat(desk.left).hasSize(41).allMatch(Desk.Left::granted);
        assertThat(desk.left.getLast().at()).isEqualTo(180 * SECOND);
    }

    /** Only what is hopeless is refused, so that the bound must hold. */
    @Property(tries = 200)
    void nobodyWhoQueuesInAPauseStartsBeforeTheBoundByWhichOthersAreRefused(@ForAll long seed,
            @ForAll @IntRange(min = 1, max = 60) int limit, @ForAll boolean paced) {
        var random = new Random(seed);
        Pacing pacing = paced ? Pacing.PACED : Pacing.WINDOW;
        var desk = new Desk(Desk.settings(limit, 1 + random.nextInt(limit + 5), pacing), random.nextLong());
        desk.queue(NORMAL, "before", random.nextInt(2 * limit));
        desk.queue(LOW, "before", random.nextInt(limit));
        desk.runFor(Duration.ofMillis(random.nextInt(90_000)));
        while (desk.throttle.size() > 0) {
            desk.runFor(Duration.ofSeconds(1));
        }
        desk.clock.advance(random.nextInt(120) * SECOND);
        List<Slot> unsent = new ArrayList<>();
        for (int i = random.nextInt(Math.min(3, limit)); i > 0; i--) {
            unsent.add(grant(desk));
        }
        refuse(desk, retryAfter(Duration.ofMillis(random.nextInt(150_000))));
        desk.left.clear();
        Priority priority = random.nextBoolean() ? NORMAL : LOW;
        List<Long> bounds = new ArrayList<>();
        for (int i = 1; i <= 2 * limit; i++) {
            SlidingWindow window = desk.budget.window();
            bounds.add(desk.now()
                    + window.startDelay(window.rule(), i, priority == LOW ? i : 0, desk.clock.nanoTime()));
            desk.queue(priority, "waits");
        }
        unsent.forEach(Slot::giveBack);
        desk.runFor(Duration.ofHours(5));
        assertThat(desk.left).hasSize(2 * limit);
        for (int i = 0; i < bounds.size(); i++) {
            assertThat(desk.left.get(i).at()).as("number %d", i + 1).isGreaterThanOrEqualTo(bounds.get(i));
        }
    }

    @Test
    void aWindowWithoutRefusalsBringsTheRateBackStepByStepAtTheVeryMoment() {
        var desk = retreated(40, Pacing.WINDOW);
        desk.queue(LOW, "l", 200);
        desk.runUntil(65 * SECOND - 1);
        assertThat(retreat(desk).state()).isEqualTo(RetreatState.RETREAT);
        desk.runUntil(65 * SECOND);
        for (int level : new int[]{30, 32, 34, 36, 38}) {
            assertThat(retreat(desk).state()).isEqualTo(RetreatState.RECOVER);
            assertThat(retreat(desk).effectiveRpm()).isEqualTo(level);
            assertThat(desk.budget.window().rule().limit()).isEqualTo(level);
            desk.runFor(Duration.ofSeconds(10));
        }
        assertThat(retreat(desk).state()).isEqualTo(RetreatState.NORMAL);
        assertThat(retreat(desk).effectiveRpm()).isEqualTo(40);
    }

    @Test
    void whatTimeHasChangedIsSeenAlsoWhenNobodyHasWaited() {
        var desk = retreated(40, Pacing.WINDOW);
        desk.clock.advance(MINUTE);
        assertThat(retreat(desk).state()).isEqualTo(RetreatState.RECOVER);
        desk.clock.advance(10 * SECOND);
        desk.admit(NORMAL);
        assertThat(desk.budget.window().rule().limit()).isEqualTo(32);
    }

    @Test
    void anotherLimitDuringTheRetreatKeepsWhatWasLearnedButIsNeverExceeded() {
        var desk = retreated(40, Pacing.WINDOW);
        desk.throttle.reconfigure(Desk.settings(60, 60, Pacing.WINDOW));
        assertThat(retreat(desk).state()).isEqualTo(RetreatState.RETREAT);
        assertThat(retreat(desk).effectiveRpm()).isEqualTo(30);
        assertThat(retreat(desk).baseRpm()).isEqualTo(60);
        desk.throttle.reconfigure(Desk.settings(31, 31, Pacing.WINDOW));
        assertThat(retreat(desk).state()).isEqualTo(RetreatState.RETREAT);
        assertThat(retreat(desk).effectiveRpm()).isEqualTo(30);
        desk.throttle.reconfigure(Desk.settings(12, 12, Pacing.WINDOW));
        assertThat(retreat(desk).state()).isEqualTo(RetreatState.NORMAL);
        assertThat(retreat(desk).effectiveRpm()).isEqualTo(12);
        desk.queue(NORMAL, "n", 50);
        desk.runFor(Duration.ofSeconds(49));
        assertThat(desk.left).hasSize(10);
    }

    @Test
    void whatTheWindowNoLongerCountsIsNotTakenFromTheLoadEither() {
        var desk = new Desk(Desk.PATIENT);
        refuse(desk, retryAfter(Duration.ZERO));
        desk.clock.advance(MINUTE + 300 * MILLI);
        refuse(desk, retryAfter(Duration.ZERO));
        assertThat(retreat(desk).evidence().orElseThrow().accepted()).isZero();
    }

    @Test
    void aPacedRateMayBeFractional() {
        var desk = retreated(30, Pacing.PACED);
        desk.queue(NORMAL, "n", 20);
        long began = desk.now();
        desk.runFor(Duration.ofSeconds(40));
        long even = Math.ceilDiv(60 * SECOND * 1_000_000, 21_937_500L);
        List<Long> times = desk.grantTimes();
        assertThat(times.getFirst()).isEqualTo(began);
        for (int i = 1; i < times.size(); i++) {
            assertThat(times.get(i) - times.get(i - 1)).isBetween(even, even + 1);
        }
    }

    /** A provider with a limit of its own that moves, answers in any order, and may say how long to wait. */
    @Property(tries = 100)
    void theOperatorsLimitAndThePausesHoldWhateverTheProviderAnswers(@ForAll long seed,
            @ForAll @IntRange(min = 1, max = 60) int limit, @ForAll Pacing pacing) {
        var random = new Random(seed);
        long origin = random.nextBoolean() ? Long.MAX_VALUE - random.nextInt(400) * SECOND : random.nextLong();
        var settings = Desk.settings(limit, 1 + random.nextInt(limit + 5), pacing);
        var sim = new Simulation(settings, origin, () -> random.nextInt(200) * MILLI,
                () -> random.nextInt(601) * MILLI, () -> random.nextInt(1500) * MILLI);
        var provider = new Moving(sim, limit, random);
        sim.provider = provider::arrive;
        for (long at = 0; at < 12 * MINUTE; at += random.nextInt(2 * 60_000 / limit + 1) * MILLI + MILLI) {
            sim.arrive(at, List.of(Priority.values()).get(random.nextInt(3)));
            sim.at(at, () -> {
                RetreatSnapshot now = sim.throttle.snapshot().retreat();
                assertThat(now.effectiveRpm()).isBetween(1.0, (double) limit);
                assertThat(now.refusedShare()).isBetween(0.0, 1.0);
                now.evidence().ifPresent(evidence -> assertThat(evidence.accepted()).isBetween(0.0, (double) limit));
            });
        }
        sim.runUntil(12 * MINUTE);
        assertThat(Simulation.mostWithin(sim.arrivals, MINUTE)).isLessThanOrEqualTo(limit);
        for (Span pause : provider.pauses) {
            assertThat(sim.grants).noneMatch(grant -> grant > pause.from && grant < pause.until);
        }
        assertThat(sim.sends).isNotEmpty();
    }

    private record Span(long from, long until) {
    }

    private static final class Moving {

        private final Simulation sim;
        private final int limit;
        private final Random random;
        private final List<Long> accepted = new ArrayList<>();
        private final List<Span> pauses = new ArrayList<>();
        private int real;
        private long realUntil;

        Moving(Simulation sim, int limit, Random random) {
            this.sim = sim;
            this.limit = limit;
            this.random = random;
        }

        Consumer<Slot> arrive() {
            long now = sim.now();
            if (now >= realUntil) {
                real = random.nextInt(2 * limit + 1);
                realUntil = now + random.nextInt(300) * SECOND;
            }
            accepted.removeIf(at -> now - at >= MINUTE);
            if (accepted.size() < real) {
                accepted.add(now);
                return Slot::succeeded;
            }
            return slot -> {
                if (random.nextBoolean()) {
                    slot.refused();
                } else {
                    Duration pause = Duration.ofSeconds(random.nextInt(20));
                    pauses.add(new Span(sim.now(), sim.now() + pause.toNanos()));
                    slot.refused(retryAfter(pause));
                }
            };
        }
    }
}
