package dev.sidecar.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.resilience4j.ratelimiter.event.RateLimiterEvent;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Listeners that call back, themselves and through a thread that they wait for. */
class BudgetListenersTest {

    private static final ThrottleSettings SETTINGS = Desk.settings(100, 100, Pacing.WINDOW);
    private static final Duration SOON = Duration.ofSeconds(20);

    private final SharedClock clock = new SharedClock();
    private final RequestBudget budget = new RequestBudget("test", SETTINGS, clock);
    private final Throttle<String> throttle = new Throttle<>(SETTINGS, budget, clock);
    private final Map<RateLimiterEvent.Type, Integer> heard = new ConcurrentHashMap<>();
    private final Crew crew = new Crew();

    @AfterEach
    void leave() {
        crew.close();
    }

    @Test
    void aListenerMayCallBackAndWaitForAThreadThatDoes() throws Exception {
        budget.events().onEvent(this::callBack);
        crew.start(3, "permits", () -> {
            for (int i = 0; i < 20; i++) {
                budget.acquirePermission(1);
                budget.reservePermission(1);
                clock.advance(Duration.ofMillis(300));
            }
            budget.drainPermissions();
        });
        crew.start(2, "polls", () -> {
            for (int i = 0; i < 20; i++) {
                queue();
                if (throttle.next() instanceof Next.Depart<String>(var departure)
                        && departure.verdict() instanceof Verdict.Granted(var slot)) {
                    slot.succeeded();
                }
                throttle.refuseWaiting(Refusal.circuitOpen(SOON));
                throttle.poll(Duration.ZERO);
                clock.advance(Duration.ofMillis(300));
            }
        });
        crew.join(SOON);
        throttle.close();
        assertThat(heard).containsOnlyKeys(RateLimiterEvent.Type.values());
        assertThat(throttle.snapshot().openSlots()).isZero();
    }

    private void queue() {
        if (throttle.admit(Priority.NORMAL, null) instanceof Admission.Queued<String>(var ticket, var _, var _)) {
            throttle.enqueue(ticket, "it");
        }
    }

    private void callBack(RateLimiterEvent event) {
        assertThat(budget.lock().isHeldByCurrentThread()).as("under the lock at %s", event.getEventType()).isFalse();
        heard.merge(event.getEventType(), 1, Integer::sum);
        if (throttle.admit(Priority.LOW, null) instanceof Admission.Queued<String>(var ticket, var _, var _)) {
            throttle.abandon(ticket);
        }
        budget.changeLimitForPeriod(100);
        Thread other = Thread.ofPlatform().daemon().start(() -> {
            throttle.snapshot();
            budget.getMetrics().getAvailablePermissions();
            throttle.reconfigure(SETTINGS);
        });
        try {
            assertThat(other.join(SOON.dividedBy(4))).as("the lock is free at %s", event.getEventType()).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
