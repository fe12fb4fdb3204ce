package dev.sidecar.throttle;

import static dev.sidecar.throttle.Desk.MILLI;
import static dev.sidecar.throttle.Desk.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.ClientPolicy;
import dev.sidecar.throttle.order.Departure;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.order.Verdict;
import dev.sidecar.throttle.quota.RequestLimit;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Over any mix of clients with limits of their own, in all classes: no client exceeds its limits, no slot stays unused for
 * them, and the floors of the classes hold. Beside the throttle, a plain count of what each client has had.
 */
class OwnLimitsPropertiesTest {

    private static final int CLIENTS = 6;
    /** Longer than the distance of two slots, which is 102.6 ms. */
    private static final long SPACING = 103 * MILLI;
    private static final ThrottleSettings SETTINGS = new ThrottleSettings(600, 1, Pacing.PACED, 100_000,
            Duration.ofDays(1), Duration.ofDays(1), false);

    /** What happens: requests of a client arrive, some are cancelled, some that run end, or time passes. */
    record Event(int kind, int client, Priority priority, int count) {
    }

    /** One client of the plain reference. */
    private static final class Caller {
        final ClientPolicy policy;
        final Map<Priority, Deque<Ticket<Caller>>> waiting = new EnumMap<>(Priority.class);
        final Deque<Ticket<Caller>> running = new ArrayDeque<>();
        final List<Long> starts = new ArrayList<>();
        int mostRunning;

        Caller(ClientPolicy policy) {
            this.policy = policy;
            for (var each : Priority.values()) {
                waiting.put(each, new ArrayDeque<>());
            }
        }

        boolean mayStart(long now) {
            return (policy.concurrent() == 0 || running.size() < policy.concurrent()) && policy.requestLimits().stream()
                    .allMatch(limit -> starts.stream().filter(at -> now - at < limit.per().toNanos()).count() < limit
                            .requests());
        }

        Deque<Ticket<Caller>> waiting(Priority priority) {
            return Objects.requireNonNull(waiting.get(priority));
        }

        boolean isReady(Priority priority, long now) {
            return !waiting(priority).isEmpty() && mayStart(now);
        }
    }

    /** How many slots there were while a class had a request that could go, and how many of them it got. */
    private static final class Stretch {
        int slots;
        int served;
        int most;

        /** How far the class is behind this part of the slots. */
        void slot(boolean own, int part) {
            slots++;
            served += own ? 1 : 0;
            most = Math.max(most, slots / part - served);
        }

        void begin() {
            slots = 0;
            served = 0;
        }
    }

    /** The throttle and the reference side by side. */
    private static final class Run {
        final VirtualClock clock = new VirtualClock(0);
        final Throttle<Caller> throttle = new Throttle<>(SETTINGS, clock);
        final List<Caller> callers;
        final Stretch normal = new Stretch();
        final Stretch low = new Stretch();
        long lastGrant = -SPACING;
        /** The longest time that a slot was free while a request could go. */
        long longestUnused;

        Run(List<ClientPolicy> policies, List<Event> events) {
            callers = policies.stream().map(Caller::new).toList();
            throttle.clients(policies);
            for (var event : events) {
                happen(event, callers.get(event.client()));
                follow();
            }
        }

        private void happen(Event event, Caller caller) {
            switch (event.kind()) {
                case 0, 1 -> {
                    for (int i = 0; i < event.count(); i++) {
                        arrive(caller, event.priority());
                    }
                }
                case 2 -> {
                    for (int i = 0; i < event.count() && !caller.running.isEmpty(); i++) {
                        throttle.finished(caller.running.remove());
                    }
                }
                case 3 -> {
                    var waiting = caller.waiting(event.priority());
                    for (int i = 0; i < event.count() && !waiting.isEmpty(); i++) {
                        assertThat(throttle.abandon(i % 2 == 0 ? waiting.removeFirst() : waiting.removeLast()))
                                .isTrue();
                    }
                }
                default -> pass(event.count() * SECOND / 2);
            }
        }

        private void arrive(Caller caller, Priority priority) {
            var ticket = ((Admission.Queued<Caller>) throttle.admit(priority, null, null, caller.policy)).ticket();
            throttle.enqueue(ticket, caller);
            caller.waiting(priority).add(ticket);
        }

        private void pass(long nanos) {
            long end = clock.nanoTime() + nanos;
            while (clock.nanoTime() < end) {
                long left = end - clock.nanoTime();
                follow();
                switch (throttle.next()) {
                    case Next.Depart<Caller>(var departure) -> leave(departure);
                    case Next.WaitNanos<Caller>(var wait) -> {
                        mustNotBeUnused(Math.min(wait, left));
                        clock.advance(Math.min(wait, left));
                    }
                    case Next.Idle<Caller> _ -> {
                        mustNotBeUnused(left);
                        clock.advance(left);
                    }
                }
            }
        }

        private void leave(Departure<Caller> departure) {
            if (departure.verdict() instanceof Verdict.Granted(var slot)) {
                long now = clock.nanoTime();
                var caller = departure.payload();
                var priority = departure.ticket().priority();
                assertThat(caller.mayStart(now)).as("%s starts", caller.policy).isTrue();
                count(normal, Priority.NORMAL, priority, 10);
                count(low, Priority.LOW, priority, 20);
                assertThat(caller.waiting(priority).remove()).isSameAs(departure.ticket());
                caller.starts.add(now);
                caller.running.add(departure.ticket());
                caller.mostRunning = Math.max(caller.mostRunning, caller.running.size());
                lastGrant = now;
                slot.sent();
                slot.succeeded();
            }
        }

        private void count(Stretch stretch, Priority own, Priority served, int part) {
            if (isReady(own)) {
                stretch.slot(own == served, part);
            }
        }

        /** A class that has nothing ready begins anew. */
        private void follow() {
            if (!isReady(Priority.NORMAL)) {
                normal.begin();
            }
            if (!isReady(Priority.LOW)) {
                low.begin();
            }
        }

        private boolean isReady(Priority priority) {
            return callers.stream().anyMatch(each -> each.isReady(priority, clock.nanoTime()));
        }

        private void mustNotBeUnused(long wait) {
            if (isReady(Priority.HIGH) || isReady(Priority.NORMAL) || isReady(Priority.LOW)) {
                longestUnused = Math.max(longestUnused, clock.nanoTime() + wait - lastGrant);
            }
        }
    }

    @Property(tries = 150)
    void noClientExceedsItsOwnLimitsInAnyPeriod(@ForAll("policies") List<ClientPolicy> policies,
            @ForAll("events") List<Event> events) {
        assertThat(new Run(policies, events).callers).allSatisfy(caller -> {
            for (var limit : caller.policy.requestLimits()) {
                int most = (int) limit.requests();
                for (int i = most; i < caller.starts.size(); i++) {
                    assertThat(caller.starts.get(i) - caller.starts.get(i - most))
                            .isGreaterThanOrEqualTo(limit.per().toNanos());
                }
            }
            assertThat(caller.mostRunning).isLessThanOrEqualTo(
                    caller.policy.concurrent() == 0 ? Integer.MAX_VALUE : caller.policy.concurrent());
        });
    }

    @Property(tries = 150)
    void noSlotStaysUnusedWhileARequestWaitsThatNothingOfItsOwnHoldsBack(
            @ForAll("policies") List<ClientPolicy> policies, @ForAll("events") List<Event> events) {
        assertThat(new Run(policies, events).longestUnused).isLessThanOrEqualTo(SPACING);
    }

    @Property(tries = 150)
    void theFloorsOfTheClassesHoldForAnyClientsInThem(@ForAll("policies") List<ClientPolicy> policies,
            @ForAll("events") List<Event> events) {
        var run = new Run(policies, events);
        // A class that is due at the same moment as another one may wait for one slot.
        assertThat(run.normal.most).isLessThanOrEqualTo(1);
        assertThat(run.low.most).isLessThanOrEqualTo(1);
    }

    @Provide
    Arbitrary<List<ClientPolicy>> policies() {
        var limits = Combinators.combine(Arbitraries.integers().between(1, 8), Arbitraries.integers().between(1, 20))
                .as((requests, seconds) -> new RequestLimit(requests, Duration.ofSeconds(seconds))).list().ofMaxSize(2);
        return Combinators.combine(Arbitraries.integers().between(1, 10), limits, Arbitraries.integers().between(0, 3))
                .as((weight, own, concurrent) -> new ClientPolicy("any", weight, own, List.of(), concurrent, 0)).list()
                .ofSize(CLIENTS).map(OwnLimitsPropertiesTest::named);
    }

    private static List<ClientPolicy> named(List<ClientPolicy> policies) {
        return IntStream.range(0, policies.size()).mapToObj(i -> {
            var policy = policies.get(i);
            return new ClientPolicy("c" + i, policy.weight(), policy.requestLimits(), List.of(), policy.concurrent(),
                    0);
        }).collect(Collectors.toList());
    }

    @Provide
    Arbitrary<List<Event>> events() {
        return Combinators.combine(Arbitraries.integers().between(0, 5), Arbitraries.integers().between(0, CLIENTS - 1),
                Arbitraries.of(Priority.class), Arbitraries.integers().between(1, 20)).as(Event::new).list()
                .ofMinSize(10).ofMaxSize(80);
    }
}
