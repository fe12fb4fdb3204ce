package dev.sidecar.throttle;

import static dev.sidecar.throttle.Desk.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Delegate;
import dev.sidecar.throttle.order.LaneSettings;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.Refusal;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.order.TurnAhead;
import dev.sidecar.throttle.order.Verdict;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What one request that waits is told of its turn, and how it waits out an open circuit. */
class TurnsTest {

    /** The name that a throttle without names gives to its provider. */
    private static final String PROVIDER = LaneSettings.of(Desk.PATIENT.budget()).provider();

    private final Desk desk = new Desk(Desk.settings(2, 2, Pacing.WINDOW));

    private static void fillTheWindow(Desk desk) {
        desk.queue(Priority.NORMAL, "before", 2);
        desk.runFor(Duration.ofSeconds(1));
        assertThat(desk.left).hasSize(2);
    }

    @Test
    void eachIsToldItsPlaceAmongAllClassesAndWhenItWillStart() {
        fillTheWindow(desk);
        var second = desk.queue(Priority.NORMAL, "second");
        var third = desk.queue(Priority.NORMAL, "third");
        var urgent = desk.queue(Priority.HIGH, "urgent");
        var turns = desk.throttle.turns(10);
        assertThat(turns.keySet()).containsExactly(urgent, second, third);
        assertThat(turns.values()).extracting(TurnAhead::position).containsExactly(1, 2, 3);
        var starts = turns.values().stream().map(each -> each.start().orElseThrow().toNanos()).toList();
        var now = desk.now();
        desk.runFor(Duration.ofMinutes(5));
        var served = desk.left.subList(2, 5);
        assertThat(served).extracting(Desk.Left::who).containsExactly("urgent", "second", "third");
        for (int i = 0; i < 3; i++) {
            assertThat(starts.get(i)).as("start of %s", i).isBetween(served.get(i).at() - now - 2 * SECOND,
                    served.get(i).at() - now + 2 * SECOND);
        }
    }

    @Test
    void whoStandsFarBehindIsToldNothing() {
        fillTheWindow(desk);
        desk.queue(Priority.NORMAL, "r", 5);
        assertThat(desk.throttle.turns(3)).hasSize(3);
    }

    @Test
    void whileTheCircuitIsOpenNobodyKnowsWhen() {
        fillTheWindow(desk);
        var waits = desk.queue(Priority.NORMAL, "waits");
        desk.throttle.waitOutCircuits(waits);
        desk.throttle.circuitOpened(PROVIDER, Duration.ofSeconds(30));
        assertThat(desk.throttle.turns(10)).containsEntry(waits, new TurnAhead(1, Optional.empty()));
    }

    @Test
    void whereSomebodyElseDecidesNobodyKnowsAnything() {
        fillTheWindow(desk);
        desk.queue(Priority.NORMAL, "waits");
        desk.throttle.delegateTo(new Nobody());
        assertThat(desk.throttle.turns(10)).isEmpty();
    }

    @Test
    void whoWaitsOutACircuitIsServedWhenItHasClosedAndTheOthersAreRefusedAtOnce() {
        fillTheWindow(desk);
        var waits = desk.queue(Priority.NORMAL, "waits");
        desk.queue(Priority.NORMAL, "other");
        desk.throttle.waitOutCircuits(waits);
        desk.throttle.circuitOpened(PROVIDER, Duration.ofHours(1));
        desk.runFor(Duration.ofMinutes(2));
        assertThat(desk.left.subList(2, desk.left.size())).extracting(Desk.Left::who).containsExactly("other");
        assertThat(reason(desk.left.getLast())).isEqualTo(Refusal.Reason.CIRCUIT_OPEN);
        desk.throttle.circuitClosed(PROVIDER);
        desk.runFor(Duration.ofSeconds(1));
        assertThat(desk.left.getLast().who()).isEqualTo("waits");
        assertThat(desk.left.getLast().granted()).isTrue();
    }

    @Test
    void itWaitsToItsDeadlineAndNoLonger() {
        var waits = desk.queue(Priority.NORMAL, "waits", Duration.ofSeconds(90));
        desk.throttle.waitOutCircuits(waits);
        desk.throttle.circuitOpened(PROVIDER, Duration.ofHours(1));
        desk.runFor(Duration.ofSeconds(89));
        assertThat(desk.left).isEmpty();
        desk.runFor(Duration.ofSeconds(2));
        assertThat(reason(desk.left.getFirst())).isEqualTo(Refusal.Reason.QUEUE_TIMEOUT);
    }

    @Test
    void itsFurtherAttemptsWaitToo() {
        var ticket = desk.queue(Priority.NORMAL, "again");
        desk.throttle.waitOutCircuits(ticket);
        assertThat(desk.leave()).isNotNull();
        desk.throttle.circuitOpened(PROVIDER, Duration.ofSeconds(30));
        var next = ((Admission.Queued<String>) desk.throttle.retry(ticket, Duration.ZERO))
                .ticket();
        desk.throttle.enqueue(next, "again");
        desk.runFor(Duration.ofSeconds(29));
        assertThat(desk.left).hasSize(1);
        desk.runFor(Duration.ofSeconds(2));
        assertThat(desk.left.getLast().granted()).isTrue();
    }

    private static Refusal.Reason reason(Desk.Left left) {
        return ((Verdict.Refused) left.verdict()).refusal().reason();
    }

    private static final class Nobody implements Delegate<String> {

        @Override
        public void waits(Ticket<String> ticket) {
            // decides nothing
        }

        @Override
        public void left(Ticket<String> ticket) {
            // decides nothing
        }

        @Override
        public void ended(Ticket<String> ticket, boolean workerCapReached) {
            // decides nothing
        }

        @Override
        public void keyRefusedFor(Ticket<String> ticket) {
            // decides nothing
        }

        @Override
        public void keyAccepted(String key, boolean accepted) {
            // decides nothing
        }

        @Override
        public void spent(Ticket<String> ticket, long tokens) {
            // decides nothing
        }
    }
}
