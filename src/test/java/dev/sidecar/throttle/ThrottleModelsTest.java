package dev.sidecar.throttle;

import static dev.sidecar.throttle.Desk.PATIENT;
import static dev.sidecar.throttle.Desk.SECOND;
import static dev.sidecar.throttle.Desk.USUAL;
import static dev.sidecar.throttle.order.Priority.HIGH;
import static dev.sidecar.throttle.order.Priority.LOW;
import static dev.sidecar.throttle.order.Priority.NORMAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.Refusal;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.order.Verdict;
import dev.sidecar.throttle.pool.CappedModel;
import dev.sidecar.throttle.pool.ModelConcurrency;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Models of which the provider runs only so many requests at a time, in one line with all others. */
class ThrottleModelsTest {

    private static final ThrottleSettings WIDE = Desk.settings(6000, 6000, Pacing.WINDOW);

    private static Admission.Queued<String> queued(Admission<String> admission) {
        assertThat(admission).isInstanceOf(Admission.Queued.class);
        return (Admission.Queued<String>) admission;
    }

    private static Ticket<String> queue(Desk desk, Priority priority, String who, @Nullable String model) {
        Ticket<String> ticket = queued(desk.throttle.admit(priority, null, model)).ticket();
        desk.throttle.enqueue(ticket, who);
        return ticket;
    }

    /** So many of a model are at the provider. */
    private static List<Ticket<String>> inFlight(Desk desk, String model, int count) {
        List<Ticket<String>> tickets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tickets.add(queue(desk, NORMAL, model + i, model));
        }
        desk.runFor(Duration.ofSeconds(1));
        assertThat(desk.left.reversed().stream().limit(count)).hasSize(count).allMatch(Desk.Left::granted);
        desk.left.clear();
        return tickets;
    }

    private static CappedModel capped(Desk desk) {
        assertThat(desk.throttle.snapshot().cappedModels()).hasSize(1);
        return desk.throttle.snapshot().cappedModels().getFirst();
    }

    @Test
    void afterARefusalNoMoreOfTheModelAreSentThanWereInFlightBesideIt() {
        var desk = new Desk(WIDE);
        List<Ticket<String>> flying = inFlight(desk, "llama", 3);
        assertThat(desk.throttle.workerCapReached(flying.getFirst())).isTrue();
        assertThat(capped(desk)).isEqualTo(new CappedModel("llama", 2, 2, 0));
        queue(desk, NORMAL, "waits", "llama");
        desk.runFor(Duration.ofSeconds(1));
        assertThat(desk.left).isEmpty();
        assertThat(capped(desk)).isEqualTo(new CappedModel("llama", 2, 2, 1));
        desk.throttle.finished(flying.getLast());
        desk.runFor(Duration.ofSeconds(1));
        assertThat(desk.names()).containsExactly("waits");
        assertThat(capped(desk)).isEqualTo(new CappedModel("llama", 2, 2, 0));
    }

    @Test
    void thoseOfAFullModelDoNotStopTheOthersBehindThem() {
        var desk = new Desk(WIDE);
        desk.throttle.workerCapReached(inFlight(desk, "llama", 2).getFirst());
        queue(desk, HIGH, "high llama", "llama");
        queue(desk, NORMAL, "normal llama", "llama");
        queue(desk, NORMAL, "normal qwen", "qwen");
        queue(desk, NORMAL, "normal without a model", null);
        queue(desk, LOW, "low qwen", "qwen");
        desk.runFor(Duration.ofSeconds(1));
        assertThat(desk.names()).containsExactly("normal qwen", "normal without a model", "low qwen");
        assertThat(desk.throttle.size()).isEqualTo(2);
    }

    @Test
    void whoIsHeldBackIsServedFirstInItsClassWhenItsModelFrees() {
        var desk = new Desk(Desk.settings(40, 1, Pacing.PACED));
        List<Ticket<String>> flying = new ArrayList<>();
        for (String model : List.of("llama", "llama")) {
            flying.add(queue(desk, NORMAL, "flies", model));
            desk.runFor(Duration.ofSeconds(2));
        }
        desk.throttle.workerCapReached(flying.getFirst());
        desk.left.clear();
        queue(desk, NORMAL, "llama 1", "llama");
        queue(desk, NORMAL, "qwen 1", "qwen");
        queue(desk, NORMAL, "llama 2", "llama");
        queue(desk, NORMAL, "qwen 2", "qwen");
        desk.leave();
        desk.throttle.finished(flying.getLast());
        desk.runFor(Duration.ofSeconds(5));
        assertThat(desk.names()).containsExactly("qwen 1", "llama 1", "qwen 2");
    }

    @Test
    void aTriedAgainOneGoesBeforeThoseOfItsModelThatArrivedLater() {
        var desk = new Desk(WIDE);
        List<Ticket<String>> flying = inFlight(desk, "llama", 3);
        queue(desk, NORMAL, "later", null);
        desk.leave();
        desk.throttle.workerCapReached(flying.getFirst());
        queue(desk, NORMAL, "later llama", "llama");
        desk.throttle.enqueue(queued(desk.throttle.retry(flying.getFirst(), Duration.ofSeconds(2))).ticket(), "again");
        desk.runFor(Duration.ofSeconds(3));
        desk.throttle.finished(flying.getLast());
        desk.runFor(Duration.ofSeconds(1));
        assertThat(desk.names()).containsExactly("later", "again");
    }

    @Test
    void aRetryCountsTheTryBeforeItOut() {
        var desk = new Desk(WIDE);
        List<Ticket<String>> flying = inFlight(desk, "llama", 3);
        desk.throttle.workerCapReached(flying.getFirst());
        queue(desk, NORMAL, "waits", "llama");
        assertThat(desk.leave()).isNull();
        desk.throttle.retry(flying.get(1), Duration.ofSeconds(5));
        assertThat(desk.leave()).isNotNull().extracting(Desk.Left::who).isEqualTo("waits");
        desk.throttle.finished(flying.get(1));
        assertThat(capped(desk).inFlight()).isEqualTo(2);
    }

    @Test
    void whoIsHeldBackLeavesAtItsDeadlineAndIsToldWhoseLimitItWas() {
        var desk = new Desk(USUAL);
        desk.throttle.workerCapReached(inFlight(desk, "llama", 2).getFirst());
        queue(desk, LOW, "low", "llama");
        desk.runFor(Duration.ofSeconds(2));
        assertThat(desk.left).hasSize(1);
        assertThat(desk.left.getFirst().at()).isEqualTo(3 * SECOND);
        Refusal refusal = ((Verdict.Refused) desk.left.getFirst().verdict()).refusal();
        assertThat(refusal.reason()).isEqualTo(Refusal.Reason.QUEUE_TIMEOUT);
        assertThat(refusal.message()).isEqualTo("This request's deadline of 2 s (SIDECAR_LOW_TIMEOUT, for requests of"
                + " low priority) passed in the sidecar's queue: the"
                + " provider refuses more than 1 of the sidecar's requests for this model at a time, a limit that all"
                + " users of the model share, and none of them ended in time. Try again in 1 s.");
        assertThat(capped(desk).waiting()).isZero();
    }

    @Test
    void whoIsHeldBackCanBeAbandoned() {
        var desk = new Desk(WIDE);
        desk.throttle.workerCapReached(inFlight(desk, "llama", 2).getFirst());
        Ticket<String> ticket = queue(desk, NORMAL, "gone", "llama");
        assertThat(desk.throttle.abandon(ticket)).isTrue();
        assertThat(desk.leave()).isNotNull().extracting(Desk.Left::verdict).isInstanceOf(Verdict.Abandoned.class);
        assertThat(capped(desk).waiting()).isZero();
    }

    @Test
    void everyTenSecondsWithoutARefusalOneMoreIsSentAndTheLineWakesForIt() {
        var desk = new Desk(WIDE);
        desk.throttle.workerCapReached(inFlight(desk, "llama", 2).getFirst());
        for (int i = 0; i < 10; i++) {
            queue(desk, NORMAL, "n" + i, "llama");
        }
        desk.runUntil(51 * SECOND);
        assertThat(desk.grantTimes()).containsExactly(11 * SECOND, 21 * SECOND, 31 * SECOND, 41 * SECOND, 51 * SECOND);
    }

    @Test
    void aModelRefusedAloneRestsBeforeTheNextOfItIsSent() {
        var desk = new Desk(WIDE);
        Ticket<String> ticket = inFlight(desk, "llama", 1).getFirst();
        for (int rest : new int[]{1, 2, 4}) {
            desk.throttle.workerCapReached(ticket);
            var again = queued(desk.throttle.retry(ticket, Duration.ZERO));
            assertThat(again.estimatedWait()).isEqualTo(Duration.ofSeconds(rest));
            desk.throttle.enqueue(again.ticket(), "again");
            long began = desk.now();
            desk.runFor(Duration.ofSeconds(rest));
            assertThat(desk.left.getLast().at() - began).isEqualTo(rest * SECOND);
            ticket = again.ticket();
        }
    }

    @Test
    void aClassOfWhichAllAreHeldBackIsNotReadyAndGainsNoFloor() {
        var desk = new Desk(Desk.settings(600, 600, Pacing.WINDOW));
        List<Ticket<String>> flying = inFlight(desk, "llama", 2);
        desk.throttle.workerCapReached(flying.getFirst());
        for (int i = 0; i < 30; i++) {
            queue(desk, LOW, "low", "llama");
            queue(desk, HIGH, "high", "qwen");
        }
        desk.runFor(Duration.ofSeconds(5));
        assertThat(desk.names()).hasSize(30).containsOnly("high");
        for (int i = 0; i < 30; i++) {
            queue(desk, HIGH, "high", "qwen");
        }
        desk.throttle.finished(flying.getLast());
        desk.left.clear();
        desk.runFor(Duration.ofSeconds(5));
        assertThat(desk.names().indexOf("low")).isGreaterThanOrEqualTo(19);
    }

    @Test
    void aQueueFullOfThoseHeldBackStillTakesWhoCouldGoAtOnce() {
        var desk = new Desk(new ThrottleSettings(6000, 6000, Pacing.WINDOW, 2, Duration.ofMinutes(1),
                Duration.ofMinutes(1), false));
        desk.throttle.workerCapReached(inFlight(desk, "llama", 2).getFirst());
        queue(desk, NORMAL, "llama 1", "llama");
        queue(desk, NORMAL, "llama 2", "llama");
        assertThat(desk.throttle.admit(NORMAL, null, "llama")).isInstanceOf(Admission.Refused.class);
        var admission = queued(desk.throttle.admit(HIGH, null, "qwen"));
        assertThat(admission.position()).isEqualTo(1);
        assertThat(admission.estimatedWait()).isZero();
    }

    @Test
    void thePositionOfOneWhoseModelIsFullCountsThoseBeforeIt() {
        var desk = new Desk(WIDE);
        desk.throttle.workerCapReached(inFlight(desk, "llama", 2).getFirst());
        queue(desk, NORMAL, "llama 1", "llama");
        assertThat(queued(desk.throttle.admit(NORMAL, null, "llama")).position()).isEqualTo(2);
    }

    @Test
    void onlyOneOfMoreThanSixtyFourIsLetGoAndThoseThatWaitForItWithIt() {
        var desk = new Desk(WIDE);
        List<Ticket<String>> flying = new ArrayList<>();
        for (int i = 0; i <= ModelConcurrency.MOST; i++) {
            flying.addAll(inFlight(desk, "m" + i, 2));
        }
        for (int i = 0; i < ModelConcurrency.MOST; i++) {
            desk.throttle.workerCapReached(flying.get(2 * i));
        }
        queue(desk, NORMAL, "waits for the first", "m0");
        queue(desk, NORMAL, "waits for the second", "m1");
        assertThat(desk.leave()).isNull();
        desk.throttle.workerCapReached(flying.get(2 * ModelConcurrency.MOST));
        assertThat(desk.leave()).isNotNull().extracting(Desk.Left::who).isEqualTo("waits for the first");
        assertThat(desk.leave()).isNull();
        assertThat(desk.throttle.snapshot().cappedModels()).hasSize(64);
    }

    @Test
    void onlyWhatIsInFlightWithAModelIsEvidence() {
        var desk = new Desk(WIDE);
        Ticket<String> waiting = queue(desk, NORMAL, "waits", "llama");
        assertThat(desk.throttle.workerCapReached(waiting)).isFalse();
        desk.leave();
        desk.throttle.finished(waiting);
        desk.throttle.finished(waiting);
        assertThat(desk.throttle.workerCapReached(waiting)).isFalse();
        Ticket<String> without = queue(desk, NORMAL, "without", null);
        desk.runFor(Duration.ofSeconds(1));
        assertThat(desk.throttle.workerCapReached(without)).isFalse();
        assertThat(desk.throttle.snapshot().cappedModels()).isEmpty();
        assertThatIllegalArgumentException().isThrownBy(() -> new Desk(USUAL).throttle.finished(waiting));
        assertThatIllegalArgumentException().isThrownBy(() -> new Desk(USUAL).throttle.workerCapReached(waiting));
    }

    @Test
    void closeEmptiesTheLineOfThoseHeldBackToo() {
        var desk = new Desk(PATIENT);
        desk.throttle.workerCapReached(inFlight(desk, "llama", 2).getFirst());
        queue(desk, NORMAL, "held back", "llama");
        desk.throttle.close();
        desk.runUntil(desk.now());
        assertThat(desk.names()).containsExactly("held back");
        assertThat(desk.throttle.size()).isZero();
        assertThat(capped(desk).waiting()).isZero();
    }
}
