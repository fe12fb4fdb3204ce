package dev.sidecar.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.fleet.FleetSimulation.Node;
import dev.sidecar.fleet.Message.Grant;
import dev.sidecar.fleet.Message.Limit;
import dev.sidecar.throttle.budget.TokenFigures;
import dev.sidecar.throttle.order.Priority;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A leader and two followers, whose words are put into its mouth. */
class LeaderTest {

    private static final long SECOND = 1_000_000_000L;
    private static final int LIMIT = 10;
    private static final long TOKENS = 1_000;
    /** What both say that they have used before they were led. */
    private static final long USED_BEFORE = 40;

    private final FleetSimulation time = new FleetSimulation(1, LIMIT, false);
    private final Node home = time.new Node("me", 0, 0);
    private final List<Message> said = new ArrayList<>();
    private final Leader leader;

    LeaderTest() {
        home.home = "me";
        leader = new Leader(home, 1, List.of(Tables.NONE), Map.of(), home.new Rules(TOKENS), new Outbox() {

            @Override
            public void to(String to, Message message) {
                said.add(message);
            }

            @Override
            public void toAll(Message message) {
                // it says that it leads
            }

            @Override
            public long numberOfNext(String to) {
                return 1;
            }
        }, _ -> {
            // nobody comes after it
        }, time::now, Timing.USUAL);
        for (String each : List.of("a", "b")) {
            leader.beat(each, new Message.Beat(1, 0, 0, 0, List.of()), time.now());
            leader.hello(each, new Message.Hello(1, each, Tables.NONE, List.of(),
                    List.of(new Limit(FleetSimulation.ACCOUNT, LIMIT)), Set.of("only"),
                    List.of(new Message.TokensUsed(FleetSimulation.ACCOUNT, USED_BEFORE / 2))), time.now());
        }
        pass(5);
        var proposal = last(Message.Propose.class);
        leader.agree("a", new Message.Agree(proposal.table().version(), List.of()));
        leader.agree("b", new Message.Agree(proposal.table().version(), List.of()));
    }

    private void pass(long seconds) {
        for (int i = 0; i < 2 * seconds; i++) {
            time.run(Duration.ofMillis(500));
            for (String each : List.of("a", "b")) {
                leader.beat(each, new Message.Beat(time.now(), 0, 0, 0, List.of()), time.now());
            }
            leader.at(time.now());
        }
    }

    private <M extends Message> List<M> all(Class<M> type) {
        return said.stream().filter(type::isInstance).map(type::cast).toList();
    }

    private <M extends Message> M last(Class<M> type) {
        return all(type).getLast();
    }

    private void waits(long number) {
        waits(number, 0);
    }

    private void waits(long number, long tokens) {
        leader.waits("a", new Request(number, 1, Priority.NORMAL, "c", 1, "m", Map.of("only", "m"), false, 0, 60_000, 0,
                null, Set.of(), null, 0, new Request.Tokens(tokens, 0L, null)), time.now());
        leader.at(time.now());
    }

    private int inHand() {
        return leader.queue().snapshot().openSlots();
    }

    @Test
    void aRequestGetsItsGrant() {
        waits(1);
        assertThat(last(Grant.class).call()).isEqualTo(new Call(1, 1));
        leader.taken("a", new Call(1, 1));
        leader.sent("a", new Call(1, 1));
        leader.ended("a", new Message.Ended(new Call(1, 1), Message.Ending.SUCCEEDED, null));
        leader.finished("a", new Message.Finished(new Call(1, 1), false));
        assertThat(inHand()).isZero();
    }

    @Test
    void aRequestThatIsNamedAgainWhileItsGrantIsUnderWayHoldsNoSecondSlot() {
        waits(1);
        waits(1);
        assertThat(all(Grant.class)).hasSize(1);
        leader.taken("a", new Call(1, 1));
        leader.sent("a", new Call(1, 1));
        leader.ended("a", new Message.Ended(new Call(1, 1), Message.Ending.SUCCEEDED, null));
        assertThat(inHand()).isZero();
    }

    @Test
    void aGrantThatNobodyTakesGoesBackAndIsMadeAgain() {
        waits(1);
        leader.notTaken("a", new Message.NotTaken(new Call(1, 1), true), time.now());
        leader.at(time.now() + SECOND);
        assertThat(all(Grant.class)).hasSize(2);
        assertThat(inHand()).isEqualTo(1);
    }

    @Test
    void aGrantForARequestThatHasGoneIsNotMadeAgain() {
        waits(1);
        leader.notTaken("a", new Message.NotTaken(new Call(1, 1), false), time.now());
        leader.at(time.now() + SECOND);
        assertThat(all(Grant.class)).hasSize(1);
        assertThat(inHand()).isZero();
    }

    @Test
    void theLeaderReservesAndSettlesTokensForAll() {
        waits(1, 700);
        waits(2, 700);
        assertThat(all(Grant.class)).hasSize(1);
        assertThat(tokens()).isEqualTo(new TokenFigures(TOKENS, USED_BEFORE, 700));
        ends(1, 150);
        pass(1);
        assertThat(last(Grant.class).call()).isEqualTo(new Call(2, 1));
        assertThat(tokens()).isEqualTo(new TokenFigures(TOKENS, USED_BEFORE + 150, 700));
    }

    @Test
    void aGrantThatNobodyTakesCostsNoTokens() {
        waits(1, 700);
        leader.notTaken("a", new Message.NotTaken(new Call(1, 1), false), time.now());
        assertThat(tokens()).isEqualTo(new TokenFigures(TOKENS, USED_BEFORE, 0));
    }

    private void ends(long number, long tokens) {
        var call = new Call(number, 1);
        leader.taken("a", call);
        leader.sent("a", call);
        leader.ended("a", new Message.Ended(call, Message.Ending.SUCCEEDED, null));
        leader.spent("a", new Message.Spent(call, tokens));
        leader.finished("a", new Message.Finished(call, false));
    }

    private TokenFigures tokens() {
        return leader.queue().snapshot().modelTokens().orElseThrow();
    }

    @Test
    void aGrantThatNobodyConfirmsIsMadeAgainWhenItCanNoLongerBeUsed() {
        waits(1);
        pass(5);
        assertThat(all(Grant.class)).hasSize(1);
        pass(2);
        assertThat(all(Grant.class)).hasSize(2);
    }

    @Test
    void theRequestsOfAReplicaThatIsNotHeardOfLeaveTheQueue() {
        for (int i = 0; i < 3 * LIMIT; i++) {
            waits(i);
        }
        assertThat(leader.queue().size()).isPositive();
        time.run(Duration.ofSeconds(5));
        leader.at(time.now());
        assertThat(leader.queue().size()).isZero();
        assertThat(inHand()).isZero();
    }
}
