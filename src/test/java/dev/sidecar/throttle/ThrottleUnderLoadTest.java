package dev.sidecar.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.budget.BudgetRule;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.budget.RateLimitSignal;
import dev.sidecar.throttle.budget.RetreatSnapshot;
import dev.sidecar.throttle.budget.RetreatState;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Departure;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.Refusal;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.ThrottleSnapshot;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.order.Verdict;
import dev.sidecar.throttle.pool.CappedModel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Twenty minutes of overload in virtual time, before a provider whose limit moves, with everything at once from many
 * threads: arrivals, grants, answers, retries, permits beside the line, an operator who changes the settings, and at the
 * end the shutdown in the midst of it. Time passes when nobody can leave the line, everybody who is due has come, and no
 * call waits for its thread.
 */
class ThrottleUnderLoadTest {

    private static final Duration LASTS = Duration.ofMinutes(20);
    private static final Duration STEP = Duration.ofMillis(200);
    private static final long TICK = 100 * Desk.MILLI;
    private static final long OVER = -1;
    private static final Duration WATCHDOG = Duration.ofSeconds(60);
    private static final List<String> MODELS = List.of("a", "b", "c");
    private static final int HIGHEST = 300;
    private static final int QUEUE_MAX = 20;
    private static final int CALLERS = 8;
    private static final int ARRIVALS = 2;

    private final SharedClock clock = new SharedClock();
    private final Throttle<Integer> throttle = new Throttle<>(settings(HIGHEST, Pacing.AUTO, false), clock);
    private final Provider provider = new Provider();
    private final Crew crew = new Crew();

    /** What the calling threads have to do. */
    private final BlockingQueue<Crew.Task> calls = new LinkedBlockingQueue<>();
    private final Set<Ticket<Integer>> departed = ConcurrentHashMap.newKeySet();
    private final Set<RetreatState> states = ConcurrentHashMap.newKeySet();
    private final AtomicInteger departures = new AtomicInteger();
    private final AtomicInteger enqueued = new AtomicInteger();
    private final AtomicInteger neverEnqueued = new AtomicInteger();
    private final AtomicInteger slots = new AtomicInteger();
    private final AtomicInteger endings = new AtomicInteger();
    private final AtomicInteger retried = new AtomicInteger();
    /** When the threads that come, drain and operate do that next, in nanoseconds. */
    private final AtomicLongArray due = new AtomicLongArray(ARRIVALS + 2);
    private final AtomicInteger numbers = new AtomicInteger();
    /** Calls handed over and not yet done. */
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicInteger arriving = new AtomicInteger(ARRIVALS);

    @AfterEach
    void leave() {
        crew.close();
    }

    @Test
    void nobodyIsLostNothingIsCountedTwiceAndNoThreadIsLeftBlocked() throws Exception {
        List<Ticket<Integer>> pilots = pilots();
        crew.start(2, "grants", this::grant);
        for (int i = 0; i < ARRIVALS; i++) {
            int who = i;
            crew.start("arrivals " + who, () -> arrive(who));
        }
        crew.start(CALLERS, "calls", this::call);
        crew.start("drains", this::drain);
        crew.start("operator", this::operate);
        crew.start("observer", this::observe);
        crew.join(WATCHDOG);

        ThrottleSnapshot end = throttle.snapshot();
        check(end);
        assertThat(end.size()).isZero();
        assertThat(end.openSlots()).isZero();
        assertThat(endings).hasValue(slots.get());
        assertThat(departures).hasValue(enqueued.get());
        assertThat(departed).hasSize(enqueued.get());
        assertThat(end.totalEnqueued()).isEqualTo(enqueued.get() + neverEnqueued.get());
        assertThat(end.totalDequeued()).isEqualTo(slots.get() - end.bypassed());
        assertThat(end.retried()).isEqualTo(retried.get()).isPositive();
        assertThat(end.bypassed()).as("sent beside the line").isPositive();
        assertThat(states).as("seen under load").containsExactlyInAnyOrder(RetreatState.values());

        pilots.forEach(each -> assertThat(throttle.workerCapReached(each)).isTrue());
        assertThat(throttle.snapshot().cappedModels()).extracting(CappedModel::model).containsAll(MODELS);
        assertThat(throttle.snapshot().cappedModels()).allSatisfy(
                each -> assertThat(each).extracting(CappedModel::inFlight, CappedModel::waiting).containsExactly(0, 0));

        clock.advance(Duration.ofMinutes(2));
        assertThat(throttle.budget.window().used(clock.nanoTime())).as("used after two idle minutes").isZero();
        assertThat(throttle.lock.isLocked()).isFalse();
    }

    /** One of each model, in flight all the time: its end shows how many others are. */
    private List<Ticket<Integer>> pilots() {
        List<Ticket<Integer>> pilots = new ArrayList<>();
        for (String model : MODELS) {
            place(Priority.HIGH, model, false);
            if (throttle.next() instanceof Next.Depart<Integer>(var departure)
                    && departure.verdict() instanceof Verdict.Granted(var slot)) {
                departures.incrementAndGet();
                departed.add(departure.ticket());
                slots.incrementAndGet();
                end(slot.succeeded());
                pilots.add(departure.ticket());
            }
            clock.advance(STEP);
        }
        assertThat(pilots).hasSameSizeAs(MODELS);
        return pilots;
    }

    private static ThrottleSettings settings(int limit, Pacing pacing, boolean passthrough) {
        return new ThrottleSettings(limit, limit, pacing, QUEUE_MAX, Duration.ofSeconds(20), Duration.ofSeconds(5),
                passthrough);
    }

    private boolean isOver() {
        return clock.nanoTime() >= LASTS.toNanos() || crew.hasFailed();
    }

    /** Everybody has come, and whoever came has left and been answered. */
    private boolean isDone() {
        return crew.hasFailed()
                || arriving.get() == 0 && underWay.get() == 0 && departures.get() == enqueued.get();
    }

    private void grant() {
        while (!isDone()) {
            long now = clock.nanoTime();
            switch (throttle.next()) {
                case Next.Depart<Integer>(var departure) -> {
                    assertThat(departed.add(departure.ticket())).as("departs once").isTrue();
                    if (departure.verdict() instanceof Verdict.Granted(var slot)) {
                        slots.incrementAndGet();
                        hand(() -> send(departure, slot));
                    }
                    departures.incrementAndGet();
                }
                case Next.WaitNanos<Integer>(var nanos) -> pass(now, nanos);
                case Next.Idle<Integer> _ -> pass(now, STEP.toNanos());
            }
        }
    }

    private void pass(long now, long nanos) {
        long next = now + Math.min(nanos, STEP.toNanos());
        for (int i = 0; i < due.length(); i++) {
            next = Math.min(next, due.get(i));
        }
        if (next > now && underWay.get() == 0) {
            clock.advanceTo(next);
        } else {
            letOthersGoOn();
        }
    }

    private void hand(Crew.Task task) {
        underWay.incrementAndGet();
        calls.add(task);
    }

    private void call() throws Exception {
        while (!isDone()) {
            Crew.Task task = calls.poll(5, TimeUnit.MILLISECONDS);
            if (task != null) {
                task.run();
                underWay.decrementAndGet();
            }
        }
    }

    private void send(Departure<Integer> departure, Slot slot) {
        var random = new Random(departure.payload() + departure.ticket().tries());
        Ticket<Integer> ticket = departure.ticket();
        int what = random.nextInt(100);
        if (what < 4) {
            end(slot.giveBack());
            throttle.finished(ticket);
            return;
        }
        slot.sent();
        if (what < 12) {
            // Somebody else ends it at the same time, as when the client leaves while the answer begins.
            hand(() -> end(what % 2 == 0 ? slot.giveBack() : slot.refused()));
        }
        boolean accepted = provider.accepts(clock.nanoTime());
        end(accepted ? slot.succeeded() : slot.refused(signal(random)));
        if (what > 98 && ticket.model() != null) {
            assertThat(throttle.workerCapReached(ticket)).isTrue();
        }
        if (accepted) {
            throttle.finished(ticket);
        } else {
            retry(departure, Duration.ofMillis(random.nextInt(500)));
        }
    }

    private static RateLimitSignal signal(Random random) {
        return switch (random.nextInt(20)) {
            case 0 -> new RateLimitSignal(RateLimitSignal.Kind.REQUEST_RATE, Optional.of(Duration.ofSeconds(2)),
                    OptionalInt.empty(), OptionalInt.empty(), Optional.empty());
            case 1 -> new RateLimitSignal(RateLimitSignal.Kind.TOKEN_RATE, Optional.of(Duration.ofSeconds(1)),
                    OptionalInt.empty(), OptionalInt.empty(), Optional.empty());
            default -> RateLimitSignal.unknown();
        };
    }

    private void retry(Departure<Integer> departure, Duration backOff) {
        if (throttle.retry(departure.ticket(), backOff) instanceof Admission.Queued<Integer>(var again, var _, var _)) {
            retried.incrementAndGet();
            throttle.enqueue(again, departure.payload());
            enqueued.incrementAndGet();
        }
    }

    private void end(boolean counts) {
        if (counts) {
            endings.incrementAndGet();
        }
    }

    private void arrive(int who) {
        var random = new Random(who);
        act(who, () -> {
            String model = random.nextInt(3) == 0 ? null : MODELS.get(random.nextInt(MODELS.size()));
            boolean open = place(List.of(Priority.values()).get(random.nextInt(3)), model, random.nextInt(10) == 0);
            return open ? random.nextInt(5) * TICK : OVER;
        });
        arriving.decrementAndGet();
    }

    /** Does this at its times, which the clock waits for. It says in how many nanoseconds the next is, or {@link #OVER}. */
    private void act(int who, LongSupplier what) {
        long pause = 0;
        while (pause != OVER && !crew.hasFailed()) {
            if (clock.nanoTime() - due.get(who) < 0) {
                letOthersGoOn();
            } else {
                pause = what.getAsLong();
                due.addAndGet(who, Math.max(0, pause));
            }
        }
        due.set(who, Long.MAX_VALUE);
    }

    /** Whether others may still come. */
    private boolean place(Priority priority, @Nullable String model, boolean leaves) {
        switch (throttle.admit(priority, null, model)) {
            case Admission.Queued<Integer>(var ticket, var _, var _) -> {
                int way = leaves ? numbers.get() % 3 : 0;
                if (way == 1 && throttle.abandon(ticket)) {
                    neverEnqueued.incrementAndGet();
                    return true;
                }
                throttle.enqueue(ticket, numbers.incrementAndGet());
                enqueued.incrementAndGet();
                if (way == 2) {
                    throttle.abandon(ticket);
                }
            }
            case Admission.Bypassed<Integer>(var slot) -> {
                slots.incrementAndGet();
                hand(() -> end(provider.accepts(clock.nanoTime()) ? slot.succeeded() : slot.refused()));
            }
            case Admission.Refused<Integer>(var refusal) -> {
                return refusal.reason() != Refusal.Reason.SHUTTING_DOWN;
            }
        }
        return true;
    }

    private void drain() {
        act(ARRIVALS, () -> {
            throttle.drain();
            return isOver() ? OVER : 3_000 * TICK;
        });
    }

    /** Changes whatever can be changed, and shuts down in the end. */
    private void operate() {
        var random = new Random(3);
        act(ARRIVALS + 1, () -> {
            provider.limit(random.nextInt(3) == 0 ? 2 * HIGHEST : HIGHEST / 3 + random.nextInt(HIGHEST / 2));
            switch (random.nextInt(4)) {
                case 0 -> throttle.reconfigure(settings(HIGHEST, Pacing.AUTO, random.nextInt(3) > 0));
                case 1 ->
                    throttle.reconfigure(settings(HIGHEST / 3 + random.nextInt(HIGHEST / 2), Pacing.WINDOW, false));
                case 2 -> throttle.reconfigure(settings(HIGHEST, Pacing.PACED, false));
                default -> throttle.reconfigure(
                        settings(HIGHEST / 2 + random.nextInt(HIGHEST / 2), Pacing.AUTO, false));
            }
            if (random.nextInt(4) == 0) {
                throttle.refuseWaiting(Refusal.circuitOpen(STEP));
            }
            if (isOver()) {
                throttle.close();
                return OVER;
            }
            return 450 * TICK;
        });
    }

    private void observe() {
        long before = 0;
        while (!isDone()) {
            ThrottleSnapshot now = throttle.snapshot();
            check(now);
            states.add(now.retreat().state());
            long happened = now.totalEnqueued() + now.totalDequeued() + now.totalDropped() + now.refusedFull()
                    + now.refusedOther() + now.bypassed() + now.retried();
            assertThat(happened).as("counts only upwards").isGreaterThanOrEqualTo(before);
            before = happened;
            assertThat(now.minute().left()).isBetween(0, HIGHEST);
            assertThat(now.minute().limit()).isBetween(1, HIGHEST);
            letOthersGoOn();
        }
    }

    /** More threads than processors wait for virtual time, which says nothing when it passes; nothing relies on this. */
    @SuppressWarnings("ThreadPriorityCheck")
    private static void letOthersGoOn() {
        Thread.yield();
    }

    private static void check(ThrottleSnapshot snapshot) {
        RetreatSnapshot retreat = snapshot.retreat();
        assertThat(snapshot.totalEnqueued()).as("%s", snapshot)
                .isEqualTo(snapshot.totalDequeued() + snapshot.totalDropped() + snapshot.size());
        assertThat(snapshot.tokens()).isBetween(0.0, (double) snapshot.capacity());
        assertThat((long) snapshot.openSlots()).isBetween(0L, snapshot.totalDequeued() + snapshot.bypassed());
        assertThat(snapshot.waiting().values()).allMatch(count -> count >= 0);
        assertThat(retreat.baseRpm()).isBetween(1.0, (double) HIGHEST);
        assertThat(retreat.effectiveRpm()).as("%s", retreat).isBetween(1.0, retreat.baseRpm());
        assertThat(retreat.state() != RetreatState.NORMAL || retreat.effectiveRpm() == retreat.baseRpm())
                .as("NORMAL is the operator's limit: %s", retreat).isTrue();
        assertThat(retreat.learnedRpm().orElse(1)).as("%s", retreat).isBetween(1.0, retreat.baseRpm());
        assertThat(retreat.refusedShare()).isBetween(0.0, 1.0);
        assertThat(retreat.paused()).isBetween(Duration.ZERO, RateLimitSignal.LONGEST_PAUSE);
        assertThat(snapshot.cappedModels()).allMatch(
                each -> each.cap() >= 1 && each.inFlight() >= 0 && each.waiting() >= 0);
    }

    /** Accepts so many in any minute, by the time at which it is asked. Thread-safe. */
    private static final class Provider {

        private final ArrayDeque<Long> accepted = new ArrayDeque<>();
        private int limit = 2 * HIGHEST;

        synchronized void limit(int newLimit) {
            limit = newLimit;
        }

        synchronized boolean accepts(long now) {
            while (!accepted.isEmpty() && now - accepted.getFirst() >= BudgetRule.PERIOD) {
                accepted.removeFirst();
            }
            if (accepted.size() >= limit) {
                return false;
            }
            accepted.addLast(now);
            return true;
        }
    }
}
