package dev.sidecar.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.budget.Budget;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.budget.Retreat;
import dev.sidecar.throttle.budget.RetreatSnapshot;
import dev.sidecar.throttle.budget.RetreatState;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.ThrottleSnapshot;
import dev.sidecar.throttle.order.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;

/**
 * Answers from many threads at one instant: time stands still, so that what they add up to is known exactly and an update
 * that is lost shows.
 */
class RetreatThreadsTest {

    private static final int THREADS = 8;
    private static final int EACH = 250;
    private static final int ALL = THREADS * EACH;
    private static final Duration SOON = Duration.ofSeconds(30);

    private final SharedClock clock = new SharedClock();
    private final Throttle<String> throttle = new Throttle<>(Desk.settings(100_000, 100_000, Pacing.WINDOW), clock);
    private final Budget budget = throttle.budget;
    private final CyclicBarrier start = new CyclicBarrier(THREADS);
    private final Crew crew = new Crew();

    @AfterEach
    void leave() {
        crew.close();
    }

    @RepeatedTest(10)
    void noAnswerIsLostHoweverManyComeAtOnce() throws Exception {
        List<Slot> slots = slots();
        var turn = new AtomicInteger();
        crew.start(THREADS, "answers", () -> {
            start.await();
            for (int i = turn.getAndIncrement(); i < ALL; i = turn.getAndIncrement()) {
                slots.get(i).sent();
                assertThat(i % 4 == 0 ? slots.get(i).refused() : slots.get(i).succeeded()).isTrue();
            }
        });
        crew.join(SOON);
        ThrottleSnapshot end = throttle.snapshot();
        assertThat(end.openSlots()).isZero();
        assertThat(end.retreat().refusedShare()).isEqualTo(0.25);
        assertThat(budget.window().used(0)).isEqualTo(ALL);
        assertThat(budget.window().unsent()).isZero();
    }

    @RepeatedTest(10)
    void refusalsOfOneInstantCutTheRateOnceHoweverManyThreadsBringThem() throws Exception {
        List<Slot> slots = slots();
        slots.forEach(Slot::sent);
        var turn = new AtomicInteger();
        crew.start(THREADS, "refusals", () -> {
            start.await();
            for (int i = turn.getAndIncrement(); i < ALL; i = turn.getAndIncrement()) {
                slots.get(i).refused();
            }
        });
        crew.join(SOON);
        RetreatSnapshot end = throttle.snapshot().retreat();
        assertThat(end.state()).isEqualTo(RetreatState.RETREAT);
        assertThat(end.effectiveRpm()).isEqualTo(Retreat.FACTOR * 100_000);
        assertThat(end.refusedShare()).isOne();
        assertThat(budget.window().rule().limit()).isEqualTo(75_000);
    }

    @RepeatedTest(10)
    void aSlotEndsOnceHoweverManyThreadsEndIt() throws Exception {
        List<Slot> slots = slots();
        var accepted = new AtomicInteger();
        var refused = new AtomicInteger();
        var returned = new AtomicInteger();
        var number = new AtomicInteger();
        crew.start(THREADS, "endings", () -> {
            int kind = number.getAndIncrement();
            start.await();
            for (Slot each : slots) {
                switch (kind % 3) {
                    case 0 -> count(accepted, each.succeeded());
                    case 1 -> count(refused, each.refused());
                    default -> count(returned, each.giveBack());
                }
            }
        });
        crew.join(SOON);
        assertThat(accepted.get() + refused.get() + returned.get()).isEqualTo(ALL);
        assertThat(slots).allMatch(Slot::isEnded);
        assertThat(throttle.snapshot().openSlots()).isZero();
        assertThat(budget.window().used(0)).isEqualTo(accepted.get() + refused.get());
        assertThat(budget.window().unsent()).isZero();
        assertThat(throttle.snapshot().retreat().refusedShare())
                .isEqualTo(refused.get() == 0 ? 0 : (double) refused.get() / (accepted.get() + refused.get()));
    }

    @RepeatedTest(10)
    void grantsAndAnswersAtOnceLoseNoSlot() throws Exception {
        var granted = new AtomicInteger();
        for (int i = 0; i < ALL; i++) {
            if (throttle.admit(Priority.NORMAL, null) instanceof Admission.Queued<String>(var ticket, var _, var _)) {
                throttle.enqueue(ticket, "one");
            }
        }
        crew.start(THREADS, "grants", () -> {
            start.await();
            while (granted.get() < ALL && !crew.hasFailed()) {
                switch (throttle.next()) {
                    case Next.Depart<String>(var departure) -> {
                        assertThat(departure.verdict()).isInstanceOf(Verdict.Granted.class);
                        if (departure.verdict() instanceof Verdict.Granted(var slot)) {
                            slot.sent();
                            slot.succeeded();
                        }
                        granted.incrementAndGet();
                    }
                    case Next.WaitNanos<String>(var nanos) -> clock.advance(Duration.ofNanos(Math.min(nanos, 10_000)));
                    case Next.Idle<String> _ -> Thread.onSpinWait();
                }
            }
        });
        crew.join(SOON);
        ThrottleSnapshot end = throttle.snapshot();
        assertThat(granted).hasValue(ALL);
        assertThat(end.totalDequeued()).isEqualTo(ALL);
        assertThat(end.openSlots()).isZero();
        assertThat(budget.window().unsent()).isZero();
        assertThat(budget.window().used(clock.nanoTime())).isEqualTo(ALL);
    }

    private List<Slot> slots() {
        List<Slot> slots = new ArrayList<>();
        for (int i = 0; i < ALL; i++) {
            slots.add(new GuardedSlot(budget.grant(false, 0, 0), throttle.lock, clock, () -> {
            }));
        }
        return slots;
    }

    private static void count(AtomicInteger counter, boolean one) {
        if (one) {
            counter.incrementAndGet();
        }
    }
}
