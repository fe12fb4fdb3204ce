package dev.sidecar.throttle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.fail;

import dev.sidecar.throttle.budget.Budget;
import dev.sidecar.throttle.budget.Pacing;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/** Random traffic through the throttle and through {@link NaiveThrottle}: both must say the same at every step. */
class ThrottleModelTest {

    @Property(tries = 300)
    void theThrottleDoesWhatThePlainModelDoes(@ForAll long seed) {
        new Run(seed).go(400);
    }

    /** One run; whatever is random follows from the seed. */
    private static final class Run {

        private static final long[] ORIGINS = {0, -1, Long.MAX_VALUE - 30 * Desk.SECOND, Long.MIN_VALUE,
                -20 * Desk.SECOND};

        /** The one without a name stands for none. */
        private static final List<String> MODELS = List.of("", "a", "a", "a", "b", "c");

        final Random random;
        final VirtualClock clock;
        final Budget budget;
        final Throttle<Integer> throttle;
        final NaiveThrottle model;
        final Map<Integer, Ticket<Integer>> placed = new HashMap<>();
        final Map<Integer, Ticket<Integer>> tickets = new HashMap<>();
        final Map<Ticket<Integer>, String> departed = new HashMap<>();
        /** Granted and not retried since. */
        final List<Departure<Integer>> retryable = new ArrayList<>();
        /** Granted with a model, and as far as the throttle knows still at the provider. */
        final List<Departure<Integer>> flying = new ArrayList<>();
        final List<Open> open = new ArrayList<>();
        int ids;
        int enqueued;
        int grants;
        int retries;

        /** A slot that is not ended; number 0 is a bypass. */
        record Open(Slot slot, int number, NaiveThrottle.@Nullable Send sent) {
        }

        Run(long seed) {
            random = new Random(seed);
            clock = new VirtualClock(ORIGINS[random.nextInt(ORIGINS.length)]);
            ThrottleSettings settings = settings();
            throttle = new Throttle<>(settings, clock);
            budget = throttle.budget;
            model = new NaiveThrottle(settings, clock.nanoTime());
        }

        ThrottleSettings settings() {
            int limit = 1 + random.nextInt(random.nextBoolean() ? 5 : 60);
            int burst = random.nextBoolean() ? limit : 1 + random.nextInt(limit + 5);
            return new ThrottleSettings(limit, burst, random.nextInt(4) == 0 ? Pacing.PACED : Pacing.WINDOW,
                    random.nextInt(4) == 0 ? random.nextInt(4) : 200, Duration.ofSeconds(1 + random.nextInt(200)),
                    Duration.ofMillis(1 + random.nextInt(20_000)), random.nextBoolean());
        }

        void go(int steps) {
            ThrottleSettings settings = settings();
            reconfigure(settings);
            for (int i = 0; i < steps; i++) {
                switch (random.nextInt(27)) {
                    case 0, 1, 2, 3, 4, 5 -> admit(settings);
                    case 6, 7, 8, 9 -> enqueueOne();
                    case 10 -> abandonOne();
                    case 11, 12, 13 -> step();
                    case 14, 15 -> slotEvent();
                    case 16 -> clock.advance(random.nextInt(40) * Desk.MILLI);
                    case 17 -> clock.advance((long) random.nextInt(4000) * Desk.MILLI);
                    case 18, 19, 20 -> retryOne();
                    case 21, 22 -> finishOne();
                    case 23, 24 -> reachWorkerCap();
                    case 25 -> clock.advance(random.nextInt(5) == 0 ? random.nextInt(70) * Desk.SECOND : 1L);
                    default -> {
                        if (random.nextInt(10) == 0) {
                            settings = settings();
                            reconfigure(settings);
                        }
                        if (random.nextInt(30) == 0) {
                            throttle.refuseWaiting(Refusal.circuitOpen(Duration.ofSeconds(3)));
                            model.refuseWaiting("CIRCUIT_OPEN");
                        }
                    }
                }
                model.settle(clock.nanoTime());
                checkModels();
                assertThat(throttle.size()).isEqualTo(model.size());
                assertThat(throttle.snapshot().tokens()).isBetween(0.0, (double) settings.burstCapacity());
                assertThat(budget.window().left(clock.nanoTime())).isEqualTo(model.left(clock.nanoTime()));
            }
            finish();
        }

        void reconfigure(ThrottleSettings settings) {
            int before = throttle.size();
            throttle.reconfigure(settings);
            model.configure(settings, clock.nanoTime());
            assertThat(throttle.size()).isEqualTo(before);
        }

        void admit(ThrottleSettings settings) {
            Priority priority = List.of(Priority.values()).get(random.nextInt(3));
            Duration patience = random.nextInt(3) == 0 ? Duration.ofMillis(random.nextInt(100_000) - 100) : null;
            Duration timeout = settings.timeoutOf(priority);
            Duration shorter = patience == null || patience.compareTo(timeout) > 0 ? timeout : patience;
            String name = MODELS.get(random.nextInt(MODELS.size()));
            String asked = name.isEmpty() ? null : name;
            String expected = model.admit(ids, priority, asked, shorter.toNanos(), clock.nanoTime());
            switch (throttle.admit(priority, patience, asked)) {
                case Admission.Queued<Integer> queued -> {
                    assertThat(expected).isEqualTo("queued");
                    queued(ids, queued);
                }
                case Admission.Bypassed<Integer>(var slot) -> {
                    assertThat(expected).isEqualTo("bypassed");
                    open.add(new Open(slot, 0, null));
                }
                case Admission.Refused<Integer>(var refusal) -> assertThat(refusal.reason().name())
                        .isEqualTo(expected);
            }
            ids++;
        }

        void queued(int id, Admission.Queued<Integer> queued) {
            assertThat(queued.position()).isEqualTo(model.position);
            assertThat(queued.estimatedWait().toNanos()).isGreaterThanOrEqualTo(model.earliest);
            assertThat(queued.ticket().tries()).isEqualTo(model.everybody.stream().filter(i -> i.id == id)
                    .findFirst().orElseThrow().tries);
            placed.put(id, queued.ticket());
            tickets.put(id, queued.ticket());
            if (random.nextInt(3) > 0) {
                enqueue(id);
            }
        }

        void retryOne() {
            if (retryable.isEmpty()) {
                return;
            }
            Departure<Integer> granted = retryable.remove(random.nextInt(retryable.size()));
            int id = granted.payload();
            Ticket<Integer> before = granted.ticket();
            Duration backOff = Duration.ofMillis(random.nextBoolean() ? 0 : random.nextInt(8000));
            String expected = model.retry(id, backOff.toNanos(), clock.nanoTime());
            switch (throttle.retry(before, backOff)) {
                case Admission.Queued<Integer> queued -> {
                    assertThat(expected).isEqualTo("queued");
                    assertThat(queued.ticket().deadlineNanos()).isEqualTo(before.deadlineNanos());
                    assertThat(queued.ticket().arrivalNanos()).isEqualTo(before.arrivalNanos());
                    retries++;
                    queued(id, queued);
                }
                case Admission.Refused<Integer>(var refusal) -> assertThat(refusal.reason().name())
                        .isEqualTo(expected);
                case Admission.Bypassed<Integer> _ -> fail("a retry is never bypassed");
            }
            flying.remove(granted);
            throttle.finished(before);
            assertThat(throttle.workerCapReached(before)).isFalse();
            assertThat(throttle.abandon(before)).isFalse();
            assertThatIllegalStateException().isThrownBy(() -> throttle.retry(before, backOff));
        }

        void finishOne() {
            if (!flying.isEmpty()) {
                Departure<Integer> one = flying.remove(random.nextInt(flying.size()));
                throttle.finished(one.ticket());
                model.finished(one.payload(), clock.nanoTime());
                assertThat(throttle.workerCapReached(one.ticket())).isFalse();
            }
        }

        void reachWorkerCap() {
            if (!flying.isEmpty()) {
                Departure<Integer> one = flying.remove(random.nextInt(flying.size()));
                assertThat(throttle.workerCapReached(one.ticket())).isTrue();
                model.workerCapReached(one.payload(), clock.nanoTime());
                assertThat(throttle.workerCapReached(one.ticket())).isFalse();
                throttle.finished(one.ticket());
            }
        }

        void checkModels() {
            Map<String, Integer> caps = new HashMap<>();
            for (CappedModel each : throttle.snapshot().cappedModels()) {
                caps.put(each.model(), each.cap());
                assertThat(each.inFlight()).isEqualTo(model.flying(each.model()));
                assertThat(each.waiting()).isEqualTo((int) model.everybody.stream().filter(
                        i -> i.inLine && i.ready && !i.deferred && each.model().equals(i.model)).count());
            }
            Map<String, Integer> expected = new HashMap<>();
            model.caps.forEach((name, cap) -> expected.put(name, cap.cap));
            assertThat(caps).isEqualTo(expected);
        }

        void enqueueOne() {
            placed.keySet().stream().skip(random.nextInt(placed.size() + 1)).findFirst().ifPresent(this::enqueue);
        }

        void enqueue(int id) {
            throttle.enqueue(Objects.requireNonNull(placed.remove(id)), id);
            model.enqueue(id);
            enqueued++;
        }

        void abandonOne() {
            tickets.entrySet().stream().skip(random.nextInt(tickets.size() + 1)).findFirst().ifPresent(
                    e -> assertThat(throttle.abandon(e.getValue())).isEqualTo(model.abandon(e.getKey())));
        }

        boolean step() {
            String expected = model.next(clock.nanoTime());
            switch (throttle.next()) {
                case Next.Depart<Integer>(var departure) -> {
                    String verdict = switch (departure.verdict()) {
                        case Verdict.Granted(var slot) -> {
                            open.add(new Open(slot, ++grants, null));
                            retryable.add(departure);
                            if (departure.ticket().model() != null) {
                                flying.add(departure);
                            }
                            yield "granted";
                        }
                        case Verdict.Refused(var refusal) -> refusal.reason().name();
                        case Verdict.Abandoned _ -> "abandoned";
                    };
                    assertThat(departure.payload() + " " + verdict + " after " + departure.waited().toNanos())
                            .isEqualTo(expected);
                    assertThat(departure.ticket()).isSameAs(tickets.get(departure.payload()));
                    assertThat(departed.put(departure.ticket(), verdict)).isNull();
                    return true;
                }
                case Next.WaitNanos<Integer>(var nanos) -> {
                    assertThat("wait " + nanos).isEqualTo(expected);
                    assertThat(nanos).isPositive();
                    if (random.nextBoolean()) {
                        clock.advance(Math.min(nanos, 10 * Desk.SECOND));
                    }
                }
                case Next.Idle<Integer> _ -> assertThat(expected).isEqualTo("idle");
            }
            return false;
        }

        void slotEvent() {
            if (open.isEmpty()) {
                return;
            }
            Open one = open.remove(random.nextInt(open.size()));
            boolean end = one.sent != null || random.nextInt(3) == 0;
            if (!end) {
                one.slot.sent();
                open.add(new Open(one.slot, one.number, sent(one)));
                return;
            }
            boolean back = random.nextBoolean();
            if (!back) {
                sent(one).answeredAt = clock.nanoTime();
            } else if (one.sent == null && one.number == 0) {
                model.unsent--;
            } else if (one.sent == null) {
                model.giveBack(one.number);
            }
            assertThat(back ? one.slot.giveBack() : one.slot.succeeded()).isTrue();
            assertThat(one.slot.isEnded()).isTrue();
            assertThat(one.slot.giveBack()).isFalse();
            assertThat(one.slot.succeeded()).isFalse();
            one.slot.sent();
        }

        NaiveThrottle.Send sent(Open one) {
            if (one.sent != null) {
                return one.sent;
            }
            long now = clock.nanoTime();
            return one.number == 0 ? model.bypassSent(now) : model.sent(one.number, now);
        }

        /** Whoever was enqueued has departed, with one verdict; every slot ends; the sums are right. */
        void finish() {
            throttle.close();
            model.close();
            List.copyOf(placed.keySet()).forEach(this::enqueue);
            while (step()) {
                assertThat(departed).hasSizeLessThanOrEqualTo(enqueued);
            }
            assertThat(departed).hasSize(enqueued);
            assertThat(throttle.size()).isZero();
            assertThat(throttle.snapshot().openSlots()).isEqualTo(open.size());
            while (!open.isEmpty()) {
                slotEvent();
            }
            ThrottleSnapshot end = throttle.snapshot();
            assertThat(end.openSlots()).isZero();
            assertThat(end.totalEnqueued()).isEqualTo(enqueued).isEqualTo(end.totalDequeued() + end.totalDropped());
            assertThat(end.totalDequeued()).isEqualTo(grants);
            assertThat(end.retried()).isEqualTo(retries);
        }
    }
}
