package dev.sidecar.throttle;

import static dev.sidecar.throttle.order.Priority.HIGH;
import static dev.sidecar.throttle.order.Priority.LOW;
import static dev.sidecar.throttle.order.Priority.NORMAL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.order.ClientPolicy;
import dev.sidecar.throttle.order.Departure;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.Refusal;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.order.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** Start-time fair queueing over the clients of a class, by example. */
class FairShareTest {

    private static final ClientPolicy A = new ClientPolicy("a", 1);
    private static final ClientPolicy B = new ClientPolicy("b", 1);
    private static final ClientPolicy HEAVY = new ClientPolicy("heavy", 3);

    private final Desk desk = new Desk(Desk.PATIENT);

    @Test
    void aNewcomersTenAreAmongTheNextTwentyOneBehindTwoHundredOfAnother() {
        queue(NORMAL, A, 200);
        desk.runFor(Duration.ofSeconds(30));
        int before = desk.left.size();
        queue(NORMAL, B, 10);
        desk.runFor(Duration.ofMinutes(2));
        assertThat(count(desk.names().subList(before, before + 21), B)).isEqualTo(10);
    }

    @Test
    void slotsFollowTheWeights() {
        queue(NORMAL, A, 100);
        queue(NORMAL, HEAVY, 100);
        desk.runFor(Duration.ofSeconds(30));
        var first = desk.names().subList(0, 40);
        assertThat(count(first, HEAVY)).isEqualTo(30);
        assertThat(count(first, A)).isEqualTo(10);
    }

    @Test
    void insideAClientTheLongestWaitingGoesFirst() {
        queue(NORMAL, A, 5);
        queue(NORMAL, B, 5);
        desk.runFor(Duration.ofSeconds(10));
        assertThat(desk.names()).containsExactly("a0", "b0", "a1", "b1", "a2", "b2", "a3", "b3", "a4", "b4");
    }

    @Test
    void classesAndFloorsStandAboveClients() {
        queue(LOW, B, 100);
        queue(NORMAL, B, 100);
        queue(HIGH, A, 100);
        desk.runFor(Duration.ofSeconds(30));
        assertThat(count(desk.names().subList(0, 40), A)).isBetween(34L, 36L);
    }

    @Test
    void whoWasIdleIsNotPaidBack() {
        queue(NORMAL, A, 300);
        desk.runFor(Duration.ofMinutes(3));
        int before = desk.left.size();
        queue(NORMAL, B, 100);
        desk.runFor(Duration.ofMinutes(1));
        var next = desk.names().subList(before, before + 40);
        assertThat(count(next, B)).isBetween(20L, 21L);
    }

    @Test
    void whoCancelsTwoHundredIsNotBehindWithTheNextOne() {
        queue(NORMAL, B, 200);
        desk.runFor(Duration.ofSeconds(30));
        var cancelled = new ArrayList<Ticket<String>>();
        for (int i = 0; i < 200; i++) {
            cancelled.add(place(NORMAL, A));
        }
        cancelled.forEach(desk.throttle::abandon);
        int before = desk.left.size();
        queue(NORMAL, A, 1);
        desk.runFor(Duration.ofMinutes(1));
        assertThat(desk.names().subList(before, before + 2)).contains("a0");
    }

    @Test
    void whatTheProviderRefusedCostsNothing() {
        var throttle = desk.throttle;
        queue(NORMAL, A, 4);
        queue(NORMAL, B, 4);
        // a0 is refused: its client has paid nothing and goes on first
        assertThat(grant((departure, slot) -> slot.refused())).isEqualTo("a0");
        desk.clock.advance(Duration.ofSeconds(61));
        assertThat(List.of(succeed(), succeed(), succeed())).containsExactly("a1", "b0", "a2");
        assertThat(throttle.size()).isEqualTo(4);
    }

    @Test
    void aFurtherAttemptGoesBeforeAllOthersOfItsClientAndNoFurther() {
        queue(NORMAL, A, 3);
        queue(NORMAL, B, 3);
        assertThat(succeed()).isEqualTo("a0");
        assertThat(grant((departure, slot) -> {
            slot.sent();
            slot.succeeded(); // a 503: it has cost its client a slot
            var again = (Admission.Queued<String>) desk.throttle.retry(departure.ticket(), Duration.ZERO);
            desk.throttle.enqueue(again.ticket(), "b0 again");
        })).isEqualTo("b0");
        assertThat(List.of(succeed(), succeed(), succeed())).containsExactly("a1", "b0 again", "a2");
    }

    @Test
    void positionAndEstimateFollowTheShare() {
        queue(NORMAL, A, 140);
        var admission = (Admission.Queued<String>) desk.throttle.admit(NORMAL, null, null, B);
        assertThat(admission.position()).isEqualTo(2);
        assertThat(admission.estimatedWait()).isLessThan(Duration.ofSeconds(2));
        var last = (Admission.Queued<String>) desk.throttle.admit(NORMAL, null, null, A);
        assertThat(last.position()).isEqualTo(142);
        assertThat(last.estimatedWait()).isGreaterThan(Duration.ofMinutes(2));
    }

    @Test
    void aClientIsNotRefusedForTheDeadlinesOfAnother() {
        var usual = new Desk(Desk.USUAL);
        for (int i = 0; i < 200; i++) {
            if (usual.throttle.admit(NORMAL, null, null, A) instanceof Admission.Queued<String> queued) {
                usual.throttle.enqueue(queued.ticket(), "a");
            }
        }
        assertThat(usual.throttle.admit(NORMAL, null, null, A)).isInstanceOf(Admission.Refused.class);
        assertThat(usual.throttle.admit(NORMAL, null, null, B)).isInstanceOf(Admission.Queued.class);
    }

    @Test
    void aFullQueueMakesRoomForAClientWithFewer() {
        var full = new Desk(new ThrottleSettings(40, 40, Pacing.WINDOW, 50, Duration.ofDays(1), Duration.ofDays(1),
                false));
        for (int i = 0; i < 50; i++) {
            enqueue(full, place(full, NORMAL, A), "a" + i);
        }
        full.runFor(Duration.ofSeconds(1));
        while (full.throttle.size() < 50) {
            enqueue(full, place(full, NORMAL, A), "a later one");
        }
        enqueue(full, place(full, NORMAL, B), "b");
        full.runFor(Duration.ofMillis(1));
        assertThat(full.left.getLast().verdict()).isInstanceOfSatisfying(Verdict.Refused.class,
                refused -> assertThat(refused.refusal().reason()).isEqualTo(Refusal.Reason.QUEUE_FULL));
        assertThat(full.left.getLast().who()).isEqualTo("a later one");
        assertThat(full.throttle.admit(NORMAL, null, null, A)).isInstanceOf(Admission.Refused.class);
    }

    @Test
    void aNewWeightHoldsFromTheNextTurnOn() {
        queue(NORMAL, A, 100);
        queue(NORMAL, B, 100);
        desk.runFor(Duration.ofSeconds(1));
        int before = desk.left.size();
        desk.throttle.clients(List.of(new ClientPolicy("a", 4), B));
        desk.runFor(Duration.ofMinutes(3));
        assertThat(count(desk.names().subList(before, before + 51), A)).isBetween(40L, 42L);
    }

    @Test
    void aRemovedClientsRequestsKeepWhatTheyHave() {
        desk.throttle.clients(List.of(HEAVY, A));
        queue(NORMAL, HEAVY, 60);
        queue(NORMAL, A, 60);
        desk.throttle.clients(List.of(A));
        desk.runFor(Duration.ofSeconds(30));
        assertThat(count(desk.names().subList(0, 40), HEAVY)).isEqualTo(30);
        assertThat(desk.throttle.snapshot().clients()).hasSize(2);
        desk.runFor(Duration.ofMinutes(4));
        desk.throttle.clients(List.of(A));
        assertThat(desk.throttle.snapshot().clients()).singleElement()
                .satisfies(one -> assertThat(one.name()).isEqualTo("a"));
    }

    private String succeed() {
        return grant((_, slot) -> {
            slot.sent();
            slot.succeeded();
        });
    }

    private String grant(BiConsumer<Departure<String>, Slot> end) {
        while (true) {
            switch (desk.throttle.next()) {
                case Next.Depart<String>(var departure) -> {
                    if (departure.verdict() instanceof Verdict.Granted(var slot)) {
                        end.accept(departure, slot);
                    }
                    return departure.payload();
                }
                case Next.WaitNanos<String>(var nanos) -> desk.clock.advance(nanos);
                case Next.Idle<String> _ -> throw new AssertionError("nobody waits");
            }
        }
    }

    private void queue(Priority priority, ClientPolicy client, int count) {
        for (int i = 0; i < count; i++) {
            enqueue(desk, place(priority, client), client.name() + i);
        }
    }

    private Ticket<String> place(Priority priority, ClientPolicy client) {
        return place(desk, priority, client);
    }

    private static Ticket<String> place(Desk desk, Priority priority, ClientPolicy client) {
        var admission = desk.throttle.admit(priority, null, null, client);
        assertThat(admission).isInstanceOf(Admission.Queued.class);
        return ((Admission.Queued<String>) admission).ticket();
    }

    private static void enqueue(Desk desk, Ticket<String> ticket, String who) {
        desk.throttle.enqueue(ticket, who);
    }

    private static long count(List<String> who, ClientPolicy client) {
        return who.stream().filter(each -> each.startsWith(client.name())).count();
    }
}
