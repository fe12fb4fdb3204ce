package dev.sidecar.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.ThrottleSnapshot;
import dev.sidecar.throttle.order.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** With the real clock and real threads. */
@Timeout(60)
class ThrottleThreadsTest {

    private static final int CLIENTS = 3000;

    @Test
    void everyTicketDepartsExactlyOnceHoweverManyThreadsComeAndGo() throws Exception {
        var settings = new ThrottleSettings(1_000_000, 1_000_000, Pacing.WINDOW, CLIENTS, Duration.ofSeconds(30),
                Duration.ofSeconds(30), true);
        var throttle = new Throttle<Integer>(settings, NanoClock.system());
        Map<Integer, Verdict> departed = new ConcurrentHashMap<>();
        var twice = new AtomicInteger();
        var enqueued = new AtomicInteger();
        var silent = new AtomicInteger();
        var done = new CountDownLatch(CLIENTS);
        List<Future<?>> running = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 4; i++) {
                running.add(threads.submit(() -> {
                    while (done.getCount() > 0 || throttle.size() > 0 || departed.size() < enqueued.get()) {
                        var departure = throttle.poll(Duration.ofMillis(50));
                        if (departure != null) {
                            if (departed.put(departure.payload(), departure.verdict()) != null) {
                                twice.incrementAndGet();
                            }
                            if (departure.verdict() instanceof Verdict.Granted(var slot)) {
                                slot.sent();
                                slot.succeeded();
                            }
                        }
                    }
                    return null;
                }));
            }
            for (int i = 0; i < CLIENTS; i++) {
                int id = i;
                running.add(threads.submit(() -> {
                    var random = new Random(id);
                    Priority priority = List.of(Priority.values()).get(random.nextInt(3));
                    switch (throttle.admit(priority, null)) {
                        case Admission.Queued<Integer>(var ticket, var _, var _) -> {
                            if (random.nextInt(10) == 0) {
                                silent.incrementAndGet();
                                assertThat(throttle.abandon(ticket)).isTrue();
                            } else {
                                enqueued.incrementAndGet();
                                throttle.enqueue(ticket, id);
                                if (random.nextInt(4) == 0) {
                                    throttle.abandon(ticket);
                                }
                            }
                        }
                        case Admission.Bypassed<Integer>(var slot) -> slot.succeeded();
                        case Admission.Refused<Integer> _ -> silent.incrementAndGet();
                    }
                    done.countDown();
                    return null;
                }));
            }
            for (Future<?> each : running) {
                each.get(30, TimeUnit.SECONDS);
            }
        }
        assertThat(twice).hasValue(0);
        assertThat(departed).hasSize(enqueued.get());
        ThrottleSnapshot end = throttle.snapshot();
        assertThat(end.size()).isZero();
        assertThat(end.openSlots()).isZero();
        assertThat(end.totalEnqueued()).isEqualTo(end.totalDequeued() + end.totalDropped());
        assertThat(departed.values().stream().filter(Verdict.Granted.class::isInstance).count())
                .isEqualTo(end.totalDequeued());
    }

    @Test
    void aWaitingPollWakesWhenSomebodyIsEnqueuedAndWhenAnInterruptComes() throws Exception {
        var throttle = new Throttle<String>(Desk.USUAL, NanoClock.system());
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var polled = threads.submit(() -> throttle.poll(Duration.ofSeconds(50)));
            if (throttle.admit(Priority.HIGH, null) instanceof Admission.Queued<String>(var ticket, var _, var _)) {
                throttle.enqueue(ticket, "woken");
            }
            assertThat(polled.get(20, TimeUnit.SECONDS)).isNotNull()
                    .satisfies(departure -> assertThat(departure.payload()).isEqualTo("woken"));
            var interrupted = threads.submit(() -> {
                Thread.currentThread().interrupt();
                try {
                    return throttle.poll(Duration.ofSeconds(50)) != null;
                } catch (InterruptedException e) {
                    return true;
                }
            });
            assertThat(interrupted.get(20, TimeUnit.SECONDS)).isTrue();
        }
    }
}
