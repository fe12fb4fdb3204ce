package dev.sidecar.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.ClientPolicy;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.order.Verdict;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/**
 * Over any mix of clients, weights, arrivals and cancellations: the throttle beside start-time fair queueing written
 * down plainly, with exact fractions, and the bound on the difference of two shares.
 */
class FairSharePropertiesTest {

    private static final int CLIENTS = 4;
    /** Divisible by all weights from 1 to 10. */
    private static final long WHOLE = 2520;

    /** What happens: requests of a client arrive, one of them is cancelled, or slots are granted. */
    record Event(int kind, int client, int count) {
    }

    /** One client of the plain reference. */
    private static final class Flow {
        final int weight;
        final Deque<Integer> waiting = new ArrayDeque<>();
        long finish;
        long start;

        Flow(int weight) {
            this.weight = weight;
        }
    }

    /** Start-time fair queueing, as the paper and the contract say it. */
    private static final class Reference {
        final List<Flow> flows = new ArrayList<>();
        long virtualTime;

        void arrive(int client, int who) {
            Flow flow = flows.get(client);
            flow.waiting.add(who);
            if (flow.waiting.size() == 1) {
                flow.start = Math.max(virtualTime, flow.finish);
            }
        }

        void cancel(int client, Integer who) {
            flows.get(client).waiting.remove(who);
            emptied();
        }

        /** The number of the request that is next. */
        int grant() {
            Flow next = flows.stream().filter(each -> !each.waiting.isEmpty())
                    .min(Comparator.comparingLong((Flow each) -> each.start)
                            .thenComparingInt(each -> each.waiting.getFirst()))
                    .orElseThrow();
            virtualTime = Math.max(virtualTime, next.start);
            next.finish = next.start + WHOLE / next.weight;
            next.start = next.finish;
            int who = next.waiting.remove();
            emptied();
            return who;
        }

        private void emptied() {
            if (flows.stream().allMatch(each -> each.waiting.isEmpty())) {
                virtualTime = Math.max(virtualTime, flows.stream().mapToLong(each -> each.finish).max().orElse(0));
            }
        }
    }

    /** How far two shares have come apart while both wait. */
    private static final class Pair {
        double now;
        double least;
        double most;

        void begin() {
            now = 0;
            least = 0;
            most = 0;
        }

        void add(double share) {
            now += share;
            least = Math.min(least, now);
            most = Math.max(most, now);
        }
    }

    @Property(tries = 400)
    void grantsFollowStartTimeFairQueueing(@ForAll("weights") List<Integer> weights,
            @ForAll("events") List<Event> events) {
        var clock = new VirtualClock(0);
        var throttle = new Throttle<Integer>(new ThrottleSettings(6000, 1, Pacing.PACED, 100_000, Duration.ofDays(1),
                Duration.ofDays(1), false), clock);
        var reference = new Reference();
        var policies = new ArrayList<ClientPolicy>();
        for (int i = 0; i < CLIENTS; i++) {
            reference.flows.add(new Flow(weights.get(i)));
            policies.add(new ClientPolicy("c" + i, weights.get(i)));
        }
        List<Ticket<Integer>> tickets = new ArrayList<>();
        List<Integer> owners = new ArrayList<>();
        @Nullable
        Pair[][] pairs = new Pair[CLIENTS][CLIENTS];
        for (var event : events) {
            switch (event.kind()) {
                case 0 -> {
                    for (int i = 0; i < event.count(); i++) {
                        int who = tickets.size();
                        var ticket = ((Admission.Queued<Integer>) throttle.admit(Priority.NORMAL, null, null,
                                policies.get(event.client()))).ticket();
                        throttle.enqueue(ticket, who);
                        tickets.add(ticket);
                        owners.add(event.client());
                        reference.arrive(event.client(), who);
                    }
                }
                case 1 -> {
                    var waiting = reference.flows.get(event.client()).waiting;
                    if (!waiting.isEmpty()) {
                        int who = List.copyOf(waiting).get(event.count() % waiting.size());
                        assertThat(throttle.abandon(tickets.get(who))).isTrue();
                        reference.cancel(event.client(), who);
                    }
                }
                default -> {
                    for (int i = 0; i < event.count() && throttle.size() > 0; i++) {
                        follow(reference, pairs);
                        int who = granted(throttle, clock);
                        assertThat(who).isEqualTo(reference.grant());
                        count(owners.get(who), weights, pairs);
                    }
                }
            }
            follow(reference, pairs);
        }
    }

    /** A pair begins when both wait, and ends when one of them does not. */
    private static void follow(Reference reference, @Nullable Pair[][] pairs) {
        for (int a = 0; a < CLIENTS; a++) {
            for (int b = a + 1; b < CLIENTS; b++) {
                boolean both = !reference.flows.get(a).waiting.isEmpty() && !reference.flows.get(b).waiting.isEmpty();
                if (both && pairs[a][b] == null) {
                    pairs[a][b] = new Pair();
                    pairs[a][b].begin();
                } else if (!both) {
                    pairs[a][b] = null;
                }
            }
        }
    }

    private static void count(int client, List<Integer> weights, @Nullable Pair[][] pairs) {
        for (int a = 0; a < CLIENTS; a++) {
            for (int b = a + 1; b < CLIENTS; b++) {
                Pair pair = pairs[a][b];
                if (pair != null && (a == client || b == client)) {
                    pair.add((a == client ? 1.0 : -1.0) / weights.get(client));
                    assertThat(pair.most - pair.least).isLessThanOrEqualTo(
                            1.0 / weights.get(a) + 1.0 / weights.get(b) + 1e-9);
                }
            }
        }
    }

    private static int granted(Throttle<Integer> throttle, VirtualClock clock) {
        while (true) {
            switch (throttle.next()) {
                case Next.Depart<Integer>(var departure) -> {
                    if (departure.verdict() instanceof Verdict.Granted(var slot)) {
                        slot.sent();
                        slot.succeeded();
                        return departure.payload();
                    }
                }
                case Next.WaitNanos<Integer>(var nanos) -> clock.advance(nanos);
                case Next.Idle<Integer> _ -> throw new AssertionError("work is left and nobody is served");
            }
        }
    }

    @Provide
    Arbitrary<List<Integer>> weights() {
        return Arbitraries.integers().between(1, 10).list().ofSize(CLIENTS);
    }

    @Provide
    Arbitrary<List<Event>> events() {
        return Combinators.combine(Arbitraries.integers().between(0, 2), Arbitraries.integers().between(0, CLIENTS - 1),
                Arbitraries.integers().between(1, 12)).as(Event::new).list().ofMinSize(10).ofMaxSize(80);
    }
}
