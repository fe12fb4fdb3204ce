package dev.sidecar.throttle;

import static dev.sidecar.throttle.Desk.MILLI;
import static dev.sidecar.throttle.Desk.PATIENT;
import static dev.sidecar.throttle.Desk.SECOND;
import static dev.sidecar.throttle.Desk.USUAL;
import static dev.sidecar.throttle.order.Priority.HIGH;
import static dev.sidecar.throttle.order.Priority.LOW;
import static dev.sidecar.throttle.order.Priority.NORMAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.Refusal;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.ThrottleSnapshot;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.order.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ThrottleRetryTest {

    /** Ten a minute, one every 6.16 s, so that places can be counted. */
    private static final ThrottleSettings SLOW = Desk.settings(10, 1, Pacing.PACED);

    /** Granted now, and what the provider then said to it made it fail. */
    private static Ticket<String> granted(Desk desk, Priority priority, String who) {
        Ticket<String> ticket = desk.queue(priority, who);
        Desk.Left left = desk.leave();
        assertThat(left).isNotNull().matches(Desk.Left::granted).extracting(Desk.Left::who).isEqualTo(who);
        return ticket;
    }

    private static Admission.Queued<String> again(Desk desk, Ticket<String> ticket, String who, Duration notBefore) {
        Admission<String> admission = desk.throttle.retry(ticket, notBefore);
        assertThat(admission).isInstanceOf(Admission.Queued.class);
        var queued = (Admission.Queued<String>) admission;
        desk.throttle.enqueue(queued.ticket(), who);
        return queued;
    }

    private static Refusal refused(Admission<String> admission) {
        assertThat(admission).isInstanceOf(Admission.Refused.class);
        return ((Admission.Refused<String>) admission).refusal();
    }

    @Test
    void whoIsTriedAgainStandsBeforeAllThatArrivedLaterInItsClassAndBehindHigherOnes() {
        var desk = new Desk(SLOW);
        Ticket<String> first = granted(desk, NORMAL, "first");
        desk.queue(LOW, "low");
        desk.queue(NORMAL, "later");
        var queued = again(desk, first, "first again", Duration.ZERO);
        desk.queue(HIGH, "high");
        desk.runFor(Duration.ofMinutes(1));
        assertThat(desk.names()).containsExactly("first", "high", "first again", "later", "low");
        assertThat(queued.position()).isEqualTo(1);
        assertThat(queued.ticket().tries()).isEqualTo(2);
        assertThat(queued.ticket().arrivalNanos()).isEqualTo(first.arrivalNanos());
        assertThat(queued.ticket().deadlineNanos()).isEqualTo(first.deadlineNanos());
    }

    @Test
    void twoThatAreTriedAgainKeepTheOrderOfTheirArrival() {
        var desk = new Desk(PATIENT);
        Ticket<String> a = granted(desk, NORMAL, "a");
        desk.clock.advance(SECOND);
        Ticket<String> b = granted(desk, NORMAL, "b");
        desk.clock.advance(SECOND);
        again(desk, b, "b again", Duration.ZERO);
        again(desk, a, "a again", Duration.ZERO);
        desk.runFor(Duration.ofSeconds(1));
        assertThat(desk.names()).containsExactly("a", "b", "a again", "b again");
    }

    @Test
    void whileItBacksOffOthersOfItsClassAndBelowGoAndNoSlotStaysUnused() {
        var desk = new Desk(PATIENT);
        Ticket<String> first = granted(desk, HIGH, "first");
        desk.clock.advance(SECOND);
        var queued = again(desk, first, "first again", Duration.ofSeconds(10));
        assertThat(queued.estimatedWait()).isEqualTo(Duration.ofSeconds(10));
        desk.queue(HIGH, "same class");
        desk.queue(LOW, "below");
        desk.runUntil(12 * SECOND);
        assertThat(desk.names()).containsExactly("first", "same class", "below", "first again");
        assertThat(desk.left.get(1).at()).isEqualTo(SECOND);
        assertThat(desk.left.getLast().at()).isEqualTo(11 * SECOND);
    }

    @Test
    void thoseWhoseBackOffEndsTogetherAreABurstLikeAnyOther() {
        var desk = new Desk(PATIENT);
        List<Ticket<String>> tickets = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            tickets.add(desk.queue(NORMAL, "n" + i));
        }
        desk.runUntil(SECOND);
        tickets.forEach(each -> again(desk, each, "again", Duration.ofSeconds(70)));
        desk.runUntil(72 * SECOND);
        assertThat(desk.names().stream().filter("again"::equals)).hasSize(30);
        assertThat(desk.left.get(30).at()).isEqualTo(71 * SECOND);
    }

    @Test
    void aNewcomerIsNotRefusedForThoseThatBackOffBeforeIt() {
        var desk = new Desk(USUAL);
        Ticket<String> first = granted(desk, NORMAL, "first");
        desk.runFor(Duration.ofSeconds(1));
        again(desk, first, "first again", Duration.ofSeconds(30));
        var admission = (Admission.Queued<String>) desk.admit(NORMAL, Duration.ofMillis(1));
        assertThat(admission.position()).isEqualTo(1);
        assertThat(admission.estimatedWait()).isZero();
    }

    @Test
    void everyTryWaitsForASlotOfItsOwnAndTheDeadlineOfTheFirstCountsForAll() {
        var desk = new Desk(USUAL);
        Ticket<String> ticket = granted(desk, NORMAL, "try 1");
        for (int i = 2; i <= 40; i++) {
            desk.clock.advance(SECOND);
            ticket = again(desk, ticket, "try " + i, Duration.ZERO).ticket();
            assertThat(desk.leave()).isNotNull().matches(Desk.Left::granted);
        }
        assertThat(ticket.tries()).isEqualTo(40);
        assertThat(desk.throttle.snapshot().minute().left()).isZero();
        Refusal refusal = refused(desk.throttle.retry(ticket, Duration.ZERO));
        assertThat(refusal.reason()).isEqualTo(Refusal.Reason.DEADLINE_UNREACHABLE);
        assertThat(refusal.message()).isEqualTo("The provider did not serve this request and it cannot be tried again"
                + " within its deadline of 60 s: 21 s of it are left and the next try could start in 21 s at the"
                + " earliest. Try again in 21 s.");
    }

    @Test
    void whoseBackOffEndsAfterItsDeadlineIsRefusedAtOnce() {
        var desk = new Desk(USUAL);
        Ticket<String> ticket = granted(desk, LOW, "low");
        desk.clock.advance(500 * MILLI);
        Refusal refusal = refused(desk.throttle.retry(ticket, Duration.ofMillis(1500)));
        assertThat(refusal.reason()).isEqualTo(Refusal.Reason.DEADLINE_UNREACHABLE);
        assertThat(desk.throttle.size()).isZero();
        assertThat(desk.throttle.snapshot().retried()).isZero();
    }

    @Test
    void itsDeadlineHoldsWhileItBacksOffAndItIsRefusedWhenItCannotBeKept() {
        var desk = new Desk(new ThrottleSettings(1, 1, Pacing.WINDOW, 10, Duration.ofSeconds(90),
                Duration.ofSeconds(90), false));
        Ticket<String> ticket = granted(desk, NORMAL, "first");
        desk.clock.advance(SECOND);
        again(desk, ticket, "first again", Duration.ofSeconds(70));
        desk.queue(NORMAL, "in front");
        desk.runUntil(90 * SECOND);
        assertThat(desk.names()).containsExactly("first", "in front", "first again");
        assertThat(desk.left.getLast().at()).as("the slot goes to the one in front").isEqualTo(60 * SECOND);
        assertThat(desk.left.getLast().verdict()).isInstanceOf(Verdict.Refused.class);
    }

    @Test
    void aFullQueueStillTakesBackWhoHadAPlace() {
        var desk = new Desk(
                new ThrottleSettings(10, 1, Pacing.PACED, 1, Duration.ofDays(1), Duration.ofDays(1), false));
        Ticket<String> first = granted(desk, NORMAL, "first");
        desk.queue(NORMAL, "the only place");
        assertThat(refused(desk.admit(NORMAL)).reason()).isEqualTo(Refusal.Reason.QUEUE_FULL);
        again(desk, first, "first again", Duration.ZERO);
        desk.runFor(Duration.ofSeconds(20));
        assertThat(desk.names()).containsExactly("first", "first again", "the only place");
    }

    @Test
    void onlyWhatWasGrantedIsRetriedAndOnlyOnceAGrant() {
        var desk = new Desk(USUAL);
        Ticket<String> waiting = desk.queue(NORMAL, "waiting");
        assertThatIllegalStateException().isThrownBy(() -> desk.throttle.retry(waiting, Duration.ZERO));
        desk.throttle.abandon(waiting);
        assertThatIllegalStateException().isThrownBy(() -> desk.throttle.retry(waiting, Duration.ZERO));
        desk.leave();
        Ticket<String> first = granted(desk, NORMAL, "first");
        Ticket<String> second = again(desk, first, "again", Duration.ZERO).ticket();
        assertThatIllegalStateException().isThrownBy(() -> desk.throttle.retry(first, Duration.ZERO));
        assertThatIllegalStateException().isThrownBy(() -> desk.throttle.retry(second, Duration.ZERO));
        assertThatIllegalStateException().isThrownBy(() -> desk.throttle.enqueue(second, "twice"));
        assertThatIllegalArgumentException().isThrownBy(() -> new Desk(USUAL).throttle.retry(first, Duration.ZERO));
    }

    @Test
    void theTicketOfTheTryBeforeHasNoPowerOverTheNextOne() {
        var desk = new Desk(USUAL);
        Ticket<String> first = granted(desk, NORMAL, "first");
        Ticket<String> second = again(desk, first, "again", Duration.ofSeconds(5)).ticket();
        assertThat(desk.throttle.abandon(first)).isFalse();
        assertThat(desk.throttle.size()).isEqualTo(1);
        assertThat(desk.throttle.abandon(second)).isTrue();
        desk.runFor(Duration.ofSeconds(6));
        assertThat(desk.left.getLast().verdict()).isInstanceOf(Verdict.Abandoned.class);
        assertThat(desk.throttle.snapshot().totalDropped()).isEqualTo(1);
    }

    @Test
    void whatItWaitedIsTheSumOverItsTriesWithoutItsTimeAtTheProvider() {
        var desk = new Desk(SLOW);
        granted(desk, NORMAL, "before it");
        Ticket<String> ticket = desk.queue(NORMAL, "it");
        desk.clock.advance(7 * SECOND);
        assertThat(((Next.Depart<String>) desk.throttle.next()).departure().waited()).isEqualTo(Duration.ofSeconds(7));
        desk.clock.advance(20 * SECOND);
        again(desk, ticket, "it again", Duration.ofSeconds(3));
        desk.clock.advance(3 * SECOND);
        assertThat(((Next.Depart<String>) desk.throttle.next()).departure().waited())
                .isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void theSnapshotCountsRetriesAndItsSumStaysRight() {
        var desk = new Desk(USUAL);
        Ticket<String> first = granted(desk, NORMAL, "first");
        again(desk, first, "again", Duration.ofSeconds(5));
        ThrottleSnapshot waiting = desk.throttle.snapshot();
        assertThat(waiting.retried()).isEqualTo(1);
        assertThat(waiting.totalEnqueued()).isEqualTo(2);
        assertThat(waiting.totalDequeued()).isEqualTo(1);
        assertThat(waiting.size()).isEqualTo(1);
    }

    @Test
    void afterCloseNothingIsTriedAgain() {
        var desk = new Desk(USUAL);
        Ticket<String> first = granted(desk, NORMAL, "first");
        desk.throttle.close();
        assertThat(refused(desk.throttle.retry(first, Duration.ZERO)).reason())
                .isEqualTo(Refusal.Reason.SHUTTING_DOWN);
        assertThatIllegalStateException().isThrownBy(() -> desk.throttle.retry(first, Duration.ZERO));
    }

    @Test
    void whenTheCircuitOpensAllWhoWaitLeaveAtOnceAndLaterOnesAreTaken() {
        var desk = new Desk(SLOW);
        Ticket<String> first = granted(desk, NORMAL, "first");
        again(desk, first, "backs off", Duration.ofSeconds(50));
        desk.queue(LOW, "waits");
        Ticket<String> placed = desk.place(HIGH, null);
        desk.throttle.refuseWaiting(Refusal.circuitOpen(Duration.ofMillis(12_300)));
        desk.throttle.enqueue(placed, "comes to its place too late");
        desk.runUntil(0);
        assertThat(desk.names()).containsExactlyInAnyOrder("first", "backs off", "waits",
                "comes to its place too late");
        assertThat(desk.left.subList(1, 4)).allSatisfy(l -> {
            Refusal refusal = ((Verdict.Refused) l.verdict()).refusal();
            assertThat(refusal.reason().code()).isEqualTo("circuit_open");
            assertThat(refusal.retryAfter()).isEqualTo(Duration.ofSeconds(13));
            assertThat(refusal.message()).isEqualTo("The provider is failing or answers too slowly, so the sidecar's"
                    + " circuit breaker is open and sends it nothing for now; it tries the provider again in 13 s. Try"
                    + " again in 13 s.");
        });
        desk.queue(NORMAL, "the probe");
        desk.runFor(Duration.ofSeconds(7));
        assertThat(desk.left.getLast()).matches(Desk.Left::granted).extracting(Desk.Left::who).isEqualTo("the probe");
    }
}
