package dev.sidecar.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Departure;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.ThrottleSnapshot;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.order.Verdict;
import dev.sidecar.throttle.pool.CappedModel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Retries and caps with the real clock and real threads, before a provider that runs a few of each model at a time. */
@Timeout(60)
class ThrottleRetryThreadsTest {

    private static final int CLIENTS = 2000;
    private static final int WORKERS = 8;
    private static final List<String> MODELS = List.of("a", "b", "c");

    private static final ThrottleSettings SETTINGS = new ThrottleSettings(1_000_000, 1_000_000, Pacing.WINDOW, CLIENTS,
            Duration.ofSeconds(30), Duration.ofSeconds(30), false);

    private final Throttle<Integer> throttle = new Throttle<>(SETTINGS, NanoClock.system());
    private final Map<String, AtomicInteger> running = new ConcurrentHashMap<>();
    private final Set<Ticket<Integer>> departed = ConcurrentHashMap.newKeySet();
    private final AtomicInteger departures = new AtomicInteger();
    private final AtomicInteger enqueued = new AtomicInteger();
    private final AtomicInteger retried = new AtomicInteger();
    private final AtomicInteger capped = new AtomicInteger();
    private final AtomicInteger wrong = new AtomicInteger();
    private final Queue<Future<Void>> tasks = new ConcurrentLinkedQueue<>();
    private final CountDownLatch done = new CountDownLatch(CLIENTS);

    @Test
    void everyTryDepartsOnceEveryGrantIsRetriedAtMostOnceAndNothingStaysInFlight() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 4; i++) {
                tasks.add(threads.submit(() -> deliver(threads)));
            }
            for (int i = 0; i < CLIENTS; i++) {
                int id = i;
                tasks.add(threads.submit(() -> arrive(id)));
            }
            assertThat(done.await(40, TimeUnit.SECONDS)).as("%s still open, %s", done, throttle.snapshot()).isTrue();
        }
        for (Future<Void> each : tasks) {
            each.get(20, TimeUnit.SECONDS);
        }
        ThrottleSnapshot end = throttle.snapshot();
        assertThat(wrong).hasValue(0);
        assertThat(departures).hasValue(enqueued.get());
        assertThat(departed).hasSize(enqueued.get());
        assertThat(retried.get()).isPositive().isEqualTo((int) end.retried());
        assertThat(capped.get()).as("refused for the cap of a model").isPositive();
        assertThat(end.size()).isZero();
        assertThat(end.openSlots()).isZero();
        assertThat(end.totalEnqueued()).isEqualTo(enqueued.get())
                .isEqualTo(end.totalDequeued() + end.totalDropped());
        assertThat(end.cappedModels()).isNotEmpty()
                .allSatisfy(each -> assertThat(each).extracting(CappedModel::inFlight, CappedModel::waiting)
                        .containsExactly(0, 0));
        assertThat(running.values()).allSatisfy(each -> assertThat(each).hasValue(0));
    }

    private Void arrive(int id) {
        var random = new Random(id);
        Priority priority = List.of(Priority.values()).get(random.nextInt(3));
        String model = random.nextInt(5) == 0 ? null : MODELS.get(random.nextInt(MODELS.size()));
        if (throttle.admit(priority, null, model) instanceof Admission.Queued<Integer>(var ticket, var _, var _)) {
            enqueued.incrementAndGet();
            throttle.enqueue(ticket, id);
            if (random.nextInt(20) == 0) {
                throttle.abandon(ticket);
            }
        } else {
            done.countDown();
        }
        return null;
    }

    private Void deliver(ExecutorService threads) throws InterruptedException {
        while (done.getCount() > 0) {
            Departure<Integer> departure = throttle.poll(Duration.ofMillis(50));
            if (departure != null) {
                departures.incrementAndGet();
                if (!departed.add(departure.ticket())) {
                    wrong.incrementAndGet();
                }
                if (departure.verdict() instanceof Verdict.Granted(var slot)) {
                    slot.sent();
                    tasks.add(threads.submit(() -> call(departure, slot, threads)));
                } else {
                    done.countDown();
                }
            }
        }
        return null;
    }

    /** At the provider; some calls fail of themselves, and no more than a few of a model run at a time. */
    private Void call(Departure<Integer> departure, Slot slot, ExecutorService threads) throws Exception {
        Ticket<Integer> ticket = departure.ticket();
        AtomicInteger count = running.computeIfAbsent(ticket.model() == null ? "" : ticket.model(),
                _ -> new AtomicInteger());
        boolean full = count.incrementAndGet() > WORKERS && ticket.model() != null;
        if (!full) {
            Thread.sleep(1);
        }
        count.decrementAndGet();
        slot.succeeded();
        if (full) {
            capped.incrementAndGet();
            if (!throttle.workerCapReached(ticket)) {
                wrong.incrementAndGet();
            }
        }
        if (ticket.tries() < 20 && (full || departure.payload() % 10 == 0)) {
            raceToRetry(departure, threads);
        } else {
            throttle.finished(ticket);
            throttle.finished(ticket);
            done.countDown();
        }
        return null;
    }

    /** Three try, and one of them may. */
    private void raceToRetry(Departure<Integer> departure, ExecutorService threads) throws Exception {
        var answers = new AtomicInteger();
        List<Future<Void>> racers = List.of(race(departure, answers, threads), race(departure, answers, threads),
                race(departure, answers, threads));
        for (Future<Void> each : racers) {
            each.get(20, TimeUnit.SECONDS);
        }
        if (answers.get() != 1) {
            wrong.incrementAndGet();
        }
    }

    private Future<Void> race(Departure<Integer> departure, AtomicInteger answers, ExecutorService threads) {
        return threads.submit(() -> {
            try {
                Admission<Integer> admission = throttle.retry(departure.ticket(), Duration.ofMillis(2));
                answers.incrementAndGet();
                if (admission instanceof Admission.Queued<Integer>(var again, var _, var _)) {
                    retried.incrementAndGet();
                    enqueued.incrementAndGet();
                    throttle.enqueue(again, departure.payload());
                } else {
                    done.countDown();
                }
            } catch (IllegalStateException e) {
                throttle.finished(departure.ticket()); // another was faster, and what is in flight now is not this one
            }
            return null;
        });
    }
}
