package dev.sidecar.throttle;

import static dev.sidecar.throttle.Desk.SECOND;
import static dev.sidecar.throttle.Desk.USUAL;
import static dev.sidecar.throttle.order.Priority.HIGH;
import static dev.sidecar.throttle.order.Priority.LOW;
import static dev.sidecar.throttle.order.Priority.NORMAL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.budget.BudgetRule;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Priority;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What those who are queued are told: their position and how long they will probably wait. */
class WaitEstimatorTest {

    private static final long MINUTE = 60 * SECOND;

    private static Admission.Queued<String> queued(Admission<String> admission) {
        assertThat(admission).isInstanceOf(Admission.Queued.class);
        return (Admission.Queued<String>) admission;
    }

    @Test
    void whoGoesNowIsTheNextAndWaitsNotAtAll() {
        var desk = new Desk(USUAL);
        for (Priority each : Priority.values()) {
            var admission = queued(desk.admit(each));
            assertThat(admission.position()).isEqualTo(1);
            assertThat(admission.estimatedWait()).isZero();
            desk.throttle.enqueue(admission.ticket(), "x");
            desk.runFor(Duration.ofSeconds(3));
        }
        assertThat(desk.left).hasSize(3).allMatch(Desk.Left::granted);
    }

    @Test
    void thePositionCountsThoseOfItsClassAndAbove() {
        var desk = new Desk(Desk.settings(10, 1, Pacing.PACED));
        desk.queue(NORMAL, "takes the slot");
        desk.leave();
        desk.queue(LOW, "l", 5);
        desk.queue(NORMAL, "n", 3);
        desk.queue(HIGH, "h", 2);
        assertThat(queued(desk.admit(HIGH)).position()).isEqualTo(3);
        assertThat(queued(desk.admit(NORMAL)).position()).isEqualTo(7);
        assertThat(queued(desk.admit(LOW)).position()).isEqualTo(13);
    }

    @Test
    void aBurstThatFitsIsExpectedAtOnceAndWhatDoesNotFitOneByOneAfterTheWindow() {
        var desk = new Desk(Desk.PATIENT);
        long interval = 60 * SECOND / 40;
        for (int i = 1; i <= 60; i++) {
            var admission = queued(desk.admit(NORMAL));
            desk.throttle.enqueue(admission.ticket(), "n" + i);
            long expected = i <= 40 ? (i - 1) * 25_000_000L : 60 * SECOND + (i - 41) * interval;
            // A little later than that, since nobody is to wait longer than foretold.
            assertThat(admission.estimatedWait()).as("number %d", i).isBetween(Duration.ofNanos(expected),
                    Duration.ofNanos(expected + expected / 8 + SECOND));
        }
    }

    @Test
    void aLowOneIsToldOfItsFloorNotOfTheWholeFloodBeforeIt() {
        var desk = new Desk(Desk.settings(60, 60, Pacing.PACED));
        desk.queue(HIGH, "h", 300);
        var low = queued(desk.admit(LOW));
        desk.throttle.enqueue(low.ticket(), "l");
        desk.runFor(Duration.ofMinutes(2));
        assertThat(low.position()).isEqualTo(301);
        long actual = desk.left.stream().filter(l -> l.who().equals("l")).findFirst().orElseThrow().at();
        assertThat(low.estimatedWait().toNanos()).isBetween(actual - 2 * SECOND, actual + 2 * SECOND);
    }

    @Property(tries = 200)
    void theEstimateGrowsWithThePosition(@ForAll long seed) {
        var random = new Random(seed);
        int limit = 1 + random.nextInt(80);
        var desk = new Desk(Desk.settings(limit, 1 + random.nextInt(100), randomPacing(random)), random.nextLong());
        for (int i = 0; i < 20; i++) {
            desk.queue(List.of(Priority.values()).get(random.nextInt(3)), "before", random.nextInt(limit + 5));
            desk.runFor(Duration.ofMillis(random.nextInt(20_000)));
        }
        Priority priority = List.of(Priority.values()).get(random.nextInt(3));
        var before = queued(desk.admit(priority));
        for (int i = 0; i < 100; i++) {
            var next = queued(desk.admit(priority));
            assertThat(next.position()).isGreaterThan(before.position());
            assertThat(next.estimatedWait()).isGreaterThanOrEqualTo(before.estimatedWait());
            before = next;
        }
    }

    @Test
    void theEstimateGrowsHoweverManyWaitWhereMuchComesBackTogether() {
        var desk = new Desk(Desk.settings(72, 72, Pacing.WINDOW));
        desk.queue(NORMAL, "first", 28);
        desk.runFor(Duration.ofSeconds(40));
        desk.queue(NORMAL, "second", 44);
        desk.runFor(Duration.ofSeconds(5));
        Duration before = Duration.ZERO;
        for (int i = 1; i <= 1000; i++) {
            Duration next = queued(desk.admit(NORMAL)).estimatedWait();
            assertThat(next).as("number %d", i).isGreaterThanOrEqualTo(before);
            before = next;
        }
    }

    /** Full demand: always more waiting than the rules let go at once, which is half of the limit. */
    @Property(tries = 60)
    void underSteadyFullDemandTheWaitIsWithinAQuarterAndOneIntervalOfTheEstimate(@ForAll long seed,
            @ForAll @IntRange(min = 2, max = 200) int limit) {
        var random = new Random(seed);
        int population = limit / 2 + 1 + random.nextInt(3 * limit);
        var desk = new Desk(Desk.settings(limit, 1 + random.nextInt(limit), randomPacing(random)), random.nextLong());
        BudgetRule rule = desk.budget.window().rule();
        Map<String, Long> admitted = new HashMap<>();
        Map<String, Long> estimates = new HashMap<>();
        int number = 0;
        int checked = 0;
        while (desk.now() < 14 * MINUTE) {
            while (desk.throttle.size() < population) {
                var admission = queued(desk.admit(NORMAL));
                String who = "n" + number++;
                desk.throttle.enqueue(admission.ticket(), who);
                admitted.put(who, desk.now());
                estimates.put(who, admission.estimatedWait().toNanos());
            }
            Desk.Left left = desk.leave();
            if (left == null) {
                desk.clock.advance(((Next.WaitNanos<String>) desk.throttle.next()).nanos());
                continue;
            }
            long began = admitted.getOrDefault(left.who(), 0L);
            if (began > 4 * MINUTE) {
                long estimate = estimates.getOrDefault(left.who(), 0L);
                assertThat(left.at() - began).as("%s of %d at %s", left.who(), population, rule)
                        .isBetween(estimate * 3 / 4 - rule.interval(), estimate * 5 / 4 + rule.interval());
                checked++;
            }
        }
        assertThat(checked).isGreaterThan(limit);
    }

    private static Pacing randomPacing(Random random) {
        return random.nextBoolean() ? Pacing.WINDOW : Pacing.PACED;
    }
}
