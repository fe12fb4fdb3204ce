package dev.sidecar.throttle;

import static dev.sidecar.throttle.Desk.SECOND;
import static dev.sidecar.throttle.order.Priority.HIGH;
import static dev.sidecar.throttle.order.Priority.NORMAL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.ClientFigures;
import dev.sidecar.throttle.order.ClientPolicy;
import dev.sidecar.throttle.order.Departure;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Refusal;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.order.Verdict;
import dev.sidecar.throttle.order.WaitingRequest;
import dev.sidecar.throttle.quota.ClientQuota;
import dev.sidecar.throttle.quota.RequestLimit;
import dev.sidecar.throttle.quota.TokenLimit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A client's own limits hold back that client and nobody else. */
class OwnLimitsTest {

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final ClientPolicy TEN_A_MINUTE = new ClientPolicy("ci", 1, List.of(new RequestLimit(10, MINUTE)),
            List.of(), 0, 0);
    private static final ClientPolicy TWO_AT_A_TIME = new ClientPolicy("ci", 1, List.of(), List.of(), 2, 0);
    private static final ClientPolicy B = new ClientPolicy("b", 1);

    private final Desk desk = new Desk(Desk.PATIENT);

    @Test
    void noMoreThanTheLimitInAnySuchPeriod() {
        queue(TEN_A_MINUTE, 50);
        desk.runFor(Duration.ofMinutes(10));
        var times = desk.grantTimes();
        assertThat(times).hasSize(50);
        for (int i = 10; i < times.size(); i++) {
            assertThat(times.get(i) - times.get(i - 10)).isGreaterThanOrEqualTo(60 * SECOND);
        }
        assertThat(times.getLast()).isLessThan(4 * 60 * SECOND + 2 * SECOND);
    }

    @Test
    void aClientThatWaitsForItsOwnLimitHoldsUpNobody() {
        var alone = new Desk(Desk.PATIENT);
        queue(alone, B, 200);
        alone.runFor(Duration.ofMinutes(2));

        queue(TEN_A_MINUTE, 100);
        desk.runFor(Duration.ofSeconds(1)); // its ten go at once
        queue(B, 200);
        desk.runFor(Duration.ofMinutes(2));
        var others = desk.left.stream().filter(one -> one.who().startsWith("b")).count();
        // All slots are used, and those that the client may not have went to the others.
        assertThat(desk.left.size()).isGreaterThanOrEqualTo(alone.left.size());
        assertThat(others).isGreaterThanOrEqualTo(alone.left.size() - 21);
    }

    @Test
    void whoComesBackFromItsLimitTakesNoMoreThanItsShare() {
        queue(TEN_A_MINUTE, 100);
        desk.runFor(Duration.ofSeconds(1));
        queue(B, 400);
        desk.runFor(Duration.ofSeconds(61));
        int before = desk.left.size();
        desk.runFor(Duration.ofSeconds(20));
        var next = desk.names().subList(before, Math.min(desk.left.size(), before + 10));
        assertThat(next.stream().filter(who -> who.startsWith("ci")).count()).isLessThanOrEqualTo(6);
    }

    @Test
    void whatCannotStartWithinItsDeadlineIsRefusedAtOnceAndSaysWhen() {
        var usual = new Desk(Desk.USUAL);
        queue(usual, TEN_A_MINUTE, 10);
        usual.runFor(Duration.ofSeconds(1));
        var refusal = refused(usual, TEN_A_MINUTE, Duration.ofSeconds(30));
        assertThat(refusal.reason()).isEqualTo(Refusal.Reason.CLIENT_QUOTA);
        assertThat(refusal.retryAfter()).isBetween(Duration.ofSeconds(58), Duration.ofSeconds(60));
        assertThat(refusal.message()).contains("ci", "10 requests per minute", "30 s");
        assertThat(usual.throttle.admit(NORMAL, null, null, TEN_A_MINUTE)).isInstanceOfSatisfying(
                Admission.Queued.class,
                queued -> assertThat(queued.estimatedWait()).isBetween(Duration.ofSeconds(58), MINUTE));
    }

    @Test
    void furtherAttemptsAreNoFurtherRequests() {
        queue(new ClientPolicy("ci", 1, List.of(new RequestLimit(2, Duration.ofHours(1))), List.of(), 0, 0), 2);
        var granted = granted();
        ((Verdict.Granted) granted.verdict()).slot().refused();
        assertThat(desk.throttle.retry(granted.ticket(), Duration.ZERO)).isInstanceOfSatisfying(
                Admission.Queued.class, queued -> desk.throttle.enqueue(ticket(queued), "again"));
        desk.runFor(Duration.ofMinutes(5));
        assertThat(desk.names()).containsExactlyInAnyOrder("again", "ci1");
    }

    @Test
    void aRunningRequestMustEndBeforeTheNextStarts() {
        queue(TWO_AT_A_TIME, 5);
        queue(B, 1);
        var first = granted();
        assertThat(List.of(first.payload(), granted().payload(), granted().payload())).containsExactly("ci0", "b0",
                "ci1");
        assertThat(desk.throttle.next()).isInstanceOf(Next.WaitNanos.class);
        assertThat(desk.throttle.outlook(10).first()).hasSize(3).allSatisfy(one -> {
            assertThat(one.reason()).isEqualTo(WaitingRequest.Reason.CLIENT);
            assertThat(one.start()).isEmpty();
        });
        desk.throttle.finished(first.ticket());
        assertThat(granted().payload()).isEqualTo("ci2");
        assertThat(figures("ci")).satisfies(client -> {
            assertThat(client.running()).isEqualTo(2);
            assertThat(client.waiting()).isEqualTo(2);
            assertThat(client.hold()).isEqualTo(ClientQuota.Hold.CONCURRENCY);
        });
    }

    @Test
    void whoRunsAsManyAsItMayIsToldSoAtTheDeadline() {
        var usual = new Desk(Desk.USUAL);
        queue(usual, TWO_AT_A_TIME, 3);
        granted(usual);
        granted(usual);
        usual.runFor(Duration.ofSeconds(61));
        assertThat(usual.left).singleElement().satisfies(one -> assertThat(one.verdict()).isInstanceOfSatisfying(
                Verdict.Refused.class,
                refused -> assertThat(refused.refusal().reason()).isEqualTo(Refusal.Reason.CLIENT_CONCURRENCY)));
    }

    @Test
    void noMoreWaitThanMayWait() {
        var three = new ClientPolicy("ci", 1, List.of(), List.of(), 1, 3);
        queue(three, 1);
        granted();
        queue(three, 3);
        var refusal = refused(desk, three, null);
        assertThat(refusal.reason()).isEqualTo(Refusal.Reason.CLIENT_QUOTA);
        assertThat(refusal.message()).contains("may have 3 requests waiting");
        assertThat(desk.throttle.admit(HIGH, null, null, B)).isInstanceOf(Admission.Queued.class);
    }

    @Test
    void tokensHoldBackWhenTheyAreSpent() {
        var tokens = new ClientPolicy("ci", 1, List.of(), List.of(new TokenLimit(1000, Duration.ofHours(1))), 0, 0);
        queue(tokens, 2);
        var first = granted();
        desk.throttle.spent(first.ticket(), 1500);
        assertThat(desk.throttle.next()).isInstanceOf(Next.WaitNanos.class);
        assertThat(figures("ci").limits()).singleElement()
                .satisfies(use -> assertThat(use.used()).isEqualTo(1500));
        desk.runFor(Duration.ofMinutes(59));
        assertThat(desk.left).isEmpty();
        desk.runFor(Duration.ofMinutes(3));
        assertThat(desk.names()).containsExactly("ci1");
    }

    @Test
    void newLimitsHoldAtOnceAndUseGoesOn() {
        queue(TEN_A_MINUTE, 30);
        desk.runFor(Duration.ofSeconds(1));
        assertThat(desk.left).hasSize(10);
        desk.throttle
                .clients(List.of(new ClientPolicy("ci", 1, List.of(new RequestLimit(15, MINUTE)), List.of(), 0, 0)));
        desk.runFor(Duration.ofSeconds(20));
        assertThat(desk.left).hasSize(15);
        desk.throttle.clients(List.of(new ClientPolicy("ci", 1)));
        desk.runFor(Duration.ofMinutes(1));
        assertThat(desk.left).hasSize(30);
    }

    @Test
    void aClientThatIsRemovedWhileItIsHeldBackLeavesNoHold() {
        queue(TEN_A_MINUTE, 10);
        desk.runFor(Duration.ofSeconds(1));
        desk.throttle.clients(List.of(B));
        queue(TEN_A_MINUTE, 1); // it came in before the new file
        desk.runFor(Duration.ofSeconds(1));
        assertThat(desk.left).hasSize(11);
    }

    @Test
    void aLimitDoesNotSpreadTheWindowOfOthers() {
        var paced = new Desk(new ThrottleSettings(40, 40, Pacing.WINDOW, 500, MINUTE.multipliedBy(2), MINUTE, false));
        queue(paced, TEN_A_MINUTE, 20);
        paced.runFor(Duration.ofSeconds(1));
        assertThat(paced.left).hasSize(10);
        var admission = (Admission.Queued<String>) paced.throttle.admit(NORMAL, null, null, B);
        assertThat(admission.position()).isEqualTo(1);
        paced.throttle.enqueue(admission.ticket(), "b");
        paced.runFor(Duration.ofMillis(1));
        assertThat(paced.names().getLast()).isEqualTo("b");
    }

    @Test
    void ofTwoLimitsOverTheSamePeriodTheSmallerHoldsAlsoAfterAChange() {
        var twice = new ClientPolicy("ci", 1, List.of(new RequestLimit(10, MINUTE), new RequestLimit(12, MINUTE)),
                List.of(), 0, 0);
        desk.throttle.clients(List.of(twice));
        desk.throttle.clients(List.of(twice));
        queue(twice, 20);
        desk.runFor(Duration.ofSeconds(20));
        assertThat(desk.left).hasSize(10);
    }

    private static Refusal refused(Desk desk, ClientPolicy client, @Nullable Duration patience) {
        var admission = desk.throttle.admit(NORMAL, patience, null, client);
        assertThat(admission).isInstanceOf(Admission.Refused.class);
        return ((Admission.Refused<String>) admission).refusal();
    }

    private ClientFigures figures(String client) {
        return desk.throttle.snapshot().clients().stream().filter(each -> each.name().equals(client)).findFirst()
                .orElseThrow();
    }

    @SuppressWarnings("unchecked")
    private static Ticket<String> ticket(Admission.Queued<?> queued) {
        return (Ticket<String>) queued.ticket();
    }

    private Departure<String> granted() {
        return granted(desk);
    }

    /** The next grant; its request goes on running. */
    private static Departure<String> granted(Desk desk) {
        while (true) {
            switch (desk.throttle.next()) {
                case Next.Depart<String>(var departure) -> {
                    assertThat(departure.verdict()).isInstanceOfSatisfying(Verdict.Granted.class,
                            granted -> granted.slot().sent());
                    return departure;
                }
                case Next.WaitNanos<String>(var nanos) -> desk.clock.advance(nanos);
                case Next.Idle<String> _ -> throw new AssertionError("nobody waits");
            }
        }
    }

    private void queue(ClientPolicy client, int count) {
        queue(desk, client, count);
    }

    private static void queue(Desk desk, ClientPolicy client, int count) {
        var tickets = new ArrayList<Admission.Queued<String>>();
        for (int i = 0; i < count; i++) {
            var admission = desk.throttle.admit(NORMAL, null, null, client);
            assertThat(admission).isInstanceOf(Admission.Queued.class);
            tickets.add((Admission.Queued<String>) admission);
        }
        for (int i = 0; i < count; i++) {
            desk.throttle.enqueue(tickets.get(i).ticket(), client.name() + i);
        }
    }
}
