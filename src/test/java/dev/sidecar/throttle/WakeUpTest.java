package dev.sidecar.throttle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Departure;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.Refusal;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.order.Verdict;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Who waits is woken by whatever makes it possible to go on. Time stands still at one a minute, of which one is used: a
 * wake-up that is lost would come ten seconds (a model's) or a minute (the budget's) later by itself, and the watchdog is
 * earlier.
 */
class WakeUpTest {

    private static final ThrottleSettings ONE_A_MINUTE = Desk.settings(1, 10, Pacing.WINDOW);
    private static final Duration SOON = Duration.ofSeconds(9);

    private final SharedClock clock = new SharedClock();
    private final Throttle<String> throttle = new Throttle<>(ONE_A_MINUTE, clock);
    private final AtomicReference<Departure<String>> left = new AtomicReference<>();
    private final Crew crew = new Crew();

    @AfterEach
    void leave() {
        crew.close();
    }

    @Test
    void enqueueWakesWhoPolls() throws Exception {
        Ticket<String> ticket = place();
        assertThat(leftAfter(() -> throttle.enqueue(ticket, "it")).verdict()).isInstanceOf(Verdict.Granted.class);
    }

    @Test
    void enqueueWakesWhoPollsWithoutTimeOut() throws Exception {
        crew.start("polls", () -> left.set(throttle.poll()));
        await().until(this::somebodyWaits);
        Ticket<String> ticket = place();
        throttle.enqueue(ticket, "it");
        crew.join(SOON);
        assertThat(Objects.requireNonNull(left.get()).verdict()).isInstanceOf(Verdict.Granted.class);
    }

    @Test
    void whoPollsCanBeSentAway() throws Exception {
        crew.start(8, "polls", () -> assertThat(throttle.poll()).isNull());
        crew.start(8, "polls for an hour", () -> assertThat(throttle.poll(Duration.ofHours(1))).isNull());
        await().until(() -> waiting() == 16);
        throttle.wakePollers();
        crew.join(SOON);
    }

    @Test
    void aSlotGivenBackWakesWhoPolls() throws Exception {
        Slot slot = use();
        queue("it");
        assertThat(leftAfter(slot::giveBack).verdict()).isInstanceOf(Verdict.Granted.class);
    }

    @Test
    void aBypassGivenBackWakesWhoPolls() throws Exception {
        Slot slot = new GuardedSlot(throttle.budget.bypass(false, clock.nanoTime()), throttle.lock, clock, () -> {
        });
        queue("it");
        assertThat(leftAfter(slot::giveBack).verdict()).isInstanceOf(Verdict.Granted.class);
    }

    @Test
    void aHigherLimitWakesWhoPolls() throws Exception {
        use().sent();
        queue("it");
        assertThat(leftAfter(() -> throttle.reconfigure(Desk.settings(1000, 1000, Pacing.WINDOW))).verdict())
                .isInstanceOf(Verdict.Granted.class);
    }

    @Test
    void aTicketAbandonedInLineWakesWhoPolls() throws Exception {
        use().sent();
        Ticket<String> ticket = queue("it");
        assertThat(leftAfter(() -> throttle.abandon(ticket)).verdict()).isInstanceOf(Verdict.Abandoned.class);
    }

    @Test
    void aRefusalOfAllWakesWhoPolls() throws Exception {
        use().sent();
        queue("it");
        assertThat(leftAfter(() -> throttle.refuseWaiting(Refusal.circuitOpen(SOON))).verdict())
                .isInstanceOf(Verdict.Refused.class);
    }

    @Test
    void aModelThatIsNoLongerFullWakesWhoPolls() throws Exception {
        throttle.reconfigure(Desk.settings(1000, 1000, Pacing.WINDOW));
        Ticket<String> running = grant();
        Ticket<String> refused = grant();
        assertThat(throttle.workerCapReached(refused)).isTrue();
        queue("it");
        assertThat(leftAfter(() -> throttle.finished(running)).verdict()).isInstanceOf(Verdict.Granted.class);
    }

    @Test
    void everyThreadThatPollsTakesOneOfThoseRefusedAtTheEndAndNoneStaysBlocked() throws Exception {
        use().sent();
        for (int i = 0; i < 8; i++) {
            queue("it");
        }
        crew.start(8, "polls", () -> assertThat(throttle.poll(Duration.ofHours(1))).isNotNull());
        await().until(this::somebodyWaits);
        throttle.close();
        crew.join(SOON);
        assertThat(throttle.size()).isZero();
    }

    private Ticket<String> place() {
        if (throttle.admit(Priority.HIGH, null, "m") instanceof Admission.Queued<String>(var ticket, var _, var _)) {
            return ticket;
        }
        throw new AssertionError("not admitted");
    }

    private Ticket<String> queue(String who) {
        Ticket<String> ticket = place();
        throttle.enqueue(ticket, who);
        return ticket;
    }

    /** Hands out the only slot of the minute. */
    private Slot use() {
        queue("before");
        if (throttle.next() instanceof Next.Depart<String>(var departure)
                && departure.verdict() instanceof Verdict.Granted(var slot)) {
            throttle.finished(departure.ticket());
            clock.advance(Duration.ofSeconds(1));
            return slot;
        }
        throw new AssertionError("not granted");
    }

    private Ticket<String> grant() {
        Ticket<String> ticket = queue("before");
        assertThat(throttle.next()).isInstanceOf(Next.Depart.class);
        clock.advance(Duration.ofSeconds(1));
        return ticket;
    }

    private Departure<String> leftAfter(Runnable event) throws InterruptedException {
        crew.start("polls", () -> left.set(throttle.poll(Duration.ofHours(1))));
        await().until(this::somebodyWaits);
        event.run();
        crew.join(SOON);
        return Objects.requireNonNull(left.get());
    }

    private boolean somebodyWaits() {
        return waiting() > 0;
    }

    private int waiting() {
        throttle.lock.lock();
        try {
            return throttle.lock.getWaitQueueLength(throttle.changed);
        } finally {
            throttle.lock.unlock();
        }
    }
}
