package dev.sidecar.throttle;

import static dev.sidecar.throttle.Desk.MILLI;
import static dev.sidecar.throttle.Desk.SECOND;
import static dev.sidecar.throttle.order.Priority.HIGH;
import static dev.sidecar.throttle.order.Priority.LOW;
import static dev.sidecar.throttle.order.Priority.NORMAL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.budget.RateLimitSignal;
import dev.sidecar.throttle.budget.SlidingWindow;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Departure;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.Refusal;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Nobody waits in vain: who is admitted is served in time, who cannot be served hears of it at once. */
class ThrottleDeadlinesTest {

    private static final ThrottleSettings DEFAULTS = new ThrottleSettings(40, 40, Pacing.AUTO, 500,
            Duration.ofSeconds(150), Duration.ofSeconds(2), true);

    private static Desk fortyAndASecondLaterFortyMore(@Nullable Duration patience, List<Refusal> refusals) {
        var desk = new Desk(DEFAULTS);
        desk.queue(NORMAL, "first", 40);
        desk.runUntil(1100 * MILLI);
        for (int i = 0; i < 40; i++) {
            admit(desk, NORMAL, "second" + i, patience, refusals);
        }
        return desk;
    }

    private static void admit(Desk desk, Priority priority, String who, @Nullable Duration patience,
            List<Refusal> refusals) {
        switch (desk.admit(priority, patience)) {
            case Admission.Queued<String>(var ticket, var _, var _) -> desk.throttle.enqueue(ticket, who);
            case Admission.Refused<String>(var refusal) -> refusals.add(refusal);
            case Admission.Bypassed<String> _ -> throw new AssertionError("went beside the queue");
        }
    }

    @Test
    void fortyAfterFortyWithFiftySecondsOfPatienceAreRefusedAtOnce() {
        List<Refusal> refusals = new ArrayList<>();
        var desk = fortyAndASecondLaterFortyMore(Duration.ofSeconds(50), refusals);
        assertThat(refusals).hasSize(40).allMatch(r -> r.reason() == Refusal.Reason.DEADLINE_UNREACHABLE);
        assertThat(desk.throttle.size()).isZero();
    }

    @Test
    void fortyAfterFortyWithSeventySecondsOfPatienceAreAllServed() {
        List<Refusal> refusals = new ArrayList<>();
        var desk = fortyAndASecondLaterFortyMore(Duration.ofSeconds(70), refusals);
        desk.runUntil(75 * SECOND);
        assertThat(refusals).isEmpty();
        assertThat(desk.left).hasSize(80).allMatch(Desk.Left::granted);
    }

    @Test
    void aBurstOfEightyWithDefaultSettingsIsServedInTwoWindows() {
        List<Refusal> refusals = new ArrayList<>();
        var desk = fortyAndASecondLaterFortyMore(null, refusals);
        desk.runUntil(122 * SECOND);
        assertThat(refusals).isEmpty();
        assertThat(desk.left).hasSize(80).allMatch(Desk.Left::granted);
    }

    @Test
    void theFortyFirstIsServedWithDefaultSettings() {
        var desk = new Desk(DEFAULTS);
        desk.queue(NORMAL, "n", 41);
        desk.runUntil(62 * SECOND);
        assertThat(desk.left).hasSize(41).allMatch(Desk.Left::granted);
    }

    @Test
    void whoCanNoLongerBeServedIsRefusedAtTheMomentThatThePauseBegins() {
        var desk = new Desk(new ThrottleSettings(40, 40, Pacing.WINDOW, 500, Duration.ofSeconds(400),
                Duration.ofSeconds(2), false));
        desk.queue(NORMAL, "sent", 39);
        desk.runUntil(SECOND);
        desk.queue(NORMAL, "refused");
        Slot slot = ((Verdict.Granted) ((Next.Depart<String>) desk.throttle.next()).departure().verdict()).slot();
        slot.sent();
        for (int i = 0; i < 31; i++) {
            desk.queue(NORMAL, "impatient" + i, Duration.ofSeconds(70));
        }
        desk.queue(NORMAL, "patient");
        desk.left.clear();
        slot.refused(new RateLimitSignal(RateLimitSignal.Kind.REQUEST_RATE, Optional.of(Duration.ofMinutes(5)),
                OptionalInt.empty(), OptionalInt.empty(), Optional.empty()));
        desk.runFor(Duration.ofMillis(1));
        assertThat(desk.left).hasSize(31).allMatch(l -> l.who().startsWith("impatient"));
        Refusal refusal = ((Verdict.Refused) desk.left.getFirst().verdict()).refusal();
        assertThat(refusal.reason()).isEqualTo(Refusal.Reason.DEADLINE_UNREACHABLE);
        assertThat(refusal.message()).contains("70 s").contains("300 s at the earliest");
        desk.runFor(Duration.ofSeconds(301));
        assertThat(desk.left).hasSize(32).last().matches(Desk.Left::granted);
    }

    @Test
    void aCrowdThatIsRefusedTogetherComesBackOneByOneAndEachFindsASlot() {
        var desk = new Desk(new ThrottleSettings(40, 40, Pacing.WINDOW, 500, Duration.ofSeconds(30),
                Duration.ofSeconds(2), false));
        List<Refusal> refusals = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            admit(desk, NORMAL, "first" + i, null, refusals);
        }
        assertThat(refusals).hasSize(60);
        List<Duration> back = refusals.stream().map(Refusal::retryAfter).toList();
        assertThat(back).isSorted();
        assertThat(back.getFirst()).isBetween(Duration.ofSeconds(60), Duration.ofSeconds(61));
        assertThat(back.stream().distinct()).as("seconds, one and a half apart").hasSize(60);
        List<Refusal> again = new ArrayList<>();
        for (Duration each : back) {
            desk.runUntil(each.toNanos());
            admit(desk, NORMAL, "again", Duration.ofSeconds(2), again);
        }
        desk.runFor(Duration.ofSeconds(2));
        assertThat(again).isEmpty();
        assertThat(desk.left).hasSize(100).allMatch(Desk.Left::granted);
    }

    @Test
    void whoKeepsAskingIsNotToldALongerAndLongerTime() {
        var desk = new Desk(DEFAULTS);
        desk.queue(NORMAL, "n", 40);
        desk.runUntil(SECOND);
        List<Refusal> refusals = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            admit(desk, NORMAL, "again", Duration.ofSeconds(1), refusals);
        }
        assertThat(refusals).hasSize(10_000).allMatch(r -> r.retryAfter().compareTo(Duration.ofMinutes(7)) < 0);
    }

    @Test
    void aRefusalNamesTheSettingThatLimitsTheWaitUnlessTheClientDoes() {
        var desk = new Desk(DEFAULTS);
        List<Refusal> refusals = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            admit(desk, LOW, "l", null, refusals);
        }
        assertThat(refusals.getFirst().message())
                .contains("within its deadline of 2 s (SIDECAR_LOW_TIMEOUT, for requests of low priority)");
        refusals.clear();
        for (int i = 0; i < 140; i++) {
            admit(desk, NORMAL, "n", null, refusals);
        }
        assertThat(refusals.getFirst().message()).contains("within its deadline of 150 s (SIDECAR_QUEUE_TIMEOUT)");
        refusals.clear();
        admit(desk, NORMAL, "n", Duration.ofSeconds(20), refusals);
        assertThat(refusals.getFirst().message()).contains("within its deadline of 20 s:");
    }

    @Test
    void aFullQueueMakesRoomForTheMoreUrgent() {
        var desk = new Desk(new ThrottleSettings(1, 1, Pacing.WINDOW, 3, Duration.ofDays(1), Duration.ofDays(1), true));
        desk.queue(NORMAL, "sent");
        desk.runUntil(SECOND);
        desk.queue(NORMAL, "n1");
        desk.queue(LOW, "l1");
        desk.queue(LOW, "l2");
        desk.left.clear();
        desk.queue(NORMAL, "n2");
        desk.runFor(Duration.ZERO);
        assertThat(desk.names()).containsExactly("l2");
        Refusal refusal = ((Verdict.Refused) desk.left.getFirst().verdict()).refusal();
        assertThat(refusal.reason()).isEqualTo(Refusal.Reason.QUEUE_FULL);
        assertThat(refusal.message()).contains("room for one of normal priority");
        desk.queue(HIGH, "h1");
        desk.queue(HIGH, "h2");
        desk.runFor(Duration.ZERO);
        assertThat(desk.names()).containsExactly("l2", "l1", "n2");
        desk.queue(HIGH, "h3");
        desk.runFor(Duration.ZERO);
        assertThat(desk.names()).containsExactly("l2", "l1", "n2", "n1");
        assertThat(desk.admit(HIGH)).as("displaces nobody").isInstanceOf(Admission.Bypassed.class);
        assertThat(desk.throttle.snapshot().refusedFull()).isEqualTo(4);
    }

    @Test
    void noHighIsRefusedForAFloodOfNormalOnes() {
        var desk = new Desk(new ThrottleSettings(40, 40, Pacing.WINDOW, 100, Duration.ofDays(1), Duration.ofDays(1),
                false));
        for (int i = 0; i < 99; i++) {
            List<Refusal> refusals = new ArrayList<>();
            for (int j = 0; j < 10; j++) {
                admit(desk, NORMAL, "n", null, refusals);
            }
            desk.queue(HIGH, "h");
            desk.runFor(Duration.ofSeconds(1));
        }
        desk.runFor(Duration.ofMinutes(2));
        assertThat(desk.left.stream().filter(l -> l.who().equals("h"))).hasSize(99).allMatch(Desk.Left::granted);
    }

    @Test
    void whoWasToGoAtOnceDoesNotOvertakeTheMoreUrgentThatCame() {
        var desk = new Desk(new ThrottleSettings(6, 6, Pacing.WINDOW, 100, Duration.ofMinutes(5),
                Duration.ofMinutes(5), false));
        for (int i = 0; i < 5; i++) {
            desk.queue(HIGH, "sent");
            desk.runFor(Duration.ofSeconds(11));
        }
        desk.left.clear();
        desk.queue(NORMAL, "n");
        desk.queue(HIGH, "h1");
        desk.queue(HIGH, "h2");
        desk.queue(HIGH, "h3");
        desk.runFor(Duration.ofMinutes(3));
        assertThat(desk.names()).containsExactly("h1", "h2", "h3", "n");
    }

    @Property(tries = 300)
    void nobodyWaitsInVainNorLongerThanForetold(@ForAll long seed) {
        new Traffic(seed).run();
    }

    /** Random arrivals, classes, patience and limits; everything follows from the seed. */
    private static final class Traffic {

        /** The most that those before it take each, when they go one after the other. */
        private static final long HAND_OVER = 25 * MILLI;

        private final Random random;
        private final Simulation simulation;
        private final ThrottleSettings settings;
        private final Map<String, Waiting> waiting = new HashMap<>();
        private final List<String> broken = new ArrayList<>();
        private int number;

        /** Who was admitted, and whether somebody came later who goes first. */
        private static final class Waiting {
            final Priority priority;
            final int number;
            final long since;
            final long foretold;
            boolean overtaken;

            Waiting(Priority priority, int number, long since, long foretold) {
                this.number = number;
                this.priority = priority;
                this.since = since;
                this.foretold = foretold;
            }
        }

        Traffic(long seed) {
            random = new Random(seed);
            int limit = 1 + random.nextInt(random.nextBoolean() ? 8 : 80);
            settings = new ThrottleSettings(limit, random.nextBoolean() ? limit : 1 + random.nextInt(limit),
                    random.nextInt(4) == 0 ? Pacing.PACED : Pacing.WINDOW, 500,
                    Duration.ofSeconds(5 + random.nextInt(200)), Duration.ofMillis(500 + random.nextInt(20_000)),
                    false);
            simulation = new Simulation(settings, random.nextLong(), () -> random.nextInt(5) * MILLI,
                    () -> random.nextInt(100) * MILLI, () -> random.nextInt(20_000) * MILLI);
            simulation.left = this::left;
        }

        void run() {
            long end = 400 * SECOND;
            double perMinute = settings.limitPerMinute() * (0.3 + 3 * random.nextDouble());
            long at = 0;
            while (at < end) {
                at += (long) (random.nextExponential() * 60 * SECOND / perMinute);
                int together = random.nextInt(20) == 0 ? random.nextInt(2 * settings.limitPerMinute()) : 1;
                for (int i = 0; i < together; i++) {
                    simulation.at(at, this::arrive);
                }
            }
            simulation.runUntil(end + 300 * SECOND);
            assertThat(waiting).isEmpty();
            // Of some million requests a few are pushed out: by a lower class, whose floor takes a slot of those who came before.
            assertThat(broken).as("%s", settings).hasSizeLessThanOrEqualTo(1);
        }

        private void arrive() {
            Priority priority = List.of(Priority.values()).get(Math.min(2, random.nextInt(5)));
            Duration patience = random.nextInt(3) == 0 ? Duration.ofMillis(random.nextInt(150_000)) : null;
            if (simulation.throttle.admit(priority, patience) instanceof Admission.Queued<String> queued) {
                waiting.values().stream().filter(w -> priority.compareTo(w.priority) < 0)
                        .forEach(w -> w.overtaken = true);
                String who = "r" + number;
                waiting.put(who,
                        new Waiting(priority, number++, simulation.now(), queued.estimatedWait().toNanos()));
                simulation.throttle.enqueue(queued.ticket(), who);
            }
        }

        /** Whether one was free for it, for all before it, and for each class below it whose floor may be owed one. */
        private boolean hasFreeSlot(Waiting who) {
            SlidingWindow window = simulation.budget.window();
            long now = simulation.clock.nanoTime();
            long before = waiting.values().stream().filter(w -> w.priority.compareTo(who.priority) < 0
                    || w.priority == who.priority && w.number < who.number).count();
            long owed = waiting.values().stream().map(w -> w.priority).filter(p -> p.compareTo(who.priority) > 0)
                    .distinct().count();
            return window.delay(who.priority.isLow(), 1, false, now) <= -before * HAND_OVER
                    && before + owed < window.left(now)
                    && (who.priority != LOW || before == 0);
        }

        private void left(Departure<String> departure) {
            Waiting who = Objects.requireNonNull(waiting.remove(departure.payload()));
            boolean granted = departure.verdict() instanceof Verdict.Granted;
            long waited = simulation.now() - who.since;
            if (granted) {
                // A lower class that came later goes first only where its floor is owed a slot.
                waiting.values().stream().filter(w -> w.number < who.number && w.priority.compareTo(who.priority) < 0)
                        .forEach(w -> w.overtaken = true);
            }
            boolean late = waited > who.foretold + who.foretold / 10 + SECOND;
            if (!who.overtaken && (late || !granted && who.priority != LOW)) {
                broken.add("%s waited %s, foretold %s".formatted(departure.verdict(), waited, who.foretold));
            }
            if (!granted) {
                assertThat(hasFreeSlot(who)).as("a slot was free when %s", departure.verdict()).isFalse();
            }
        }
    }
}
