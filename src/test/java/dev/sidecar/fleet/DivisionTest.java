package dev.sidecar.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.fleet.Table.Row;
import dev.sidecar.throttle.pool.AccountId;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class DivisionTest {

    private static final AccountId ACCOUNT = new AccountId("nvidia", "key");
    private static final Map<AccountId, Integer> LIMIT = Map.of(ACCOUNT, 40);
    private static final long SPAN = 66_600;

    private final Division division = new Division("a", 7, SPAN);

    private static Table table(long epoch, long number, Map<String, Integer> parts) {
        return new Table(new Version(epoch, "x", number), List.of(new Row(ACCOUNT, 40, parts)));
    }

    private static List<Seats> seats(int part, Long... busy) {
        return List.of(new Seats(ACCOUNT, part, List.of(busy)));
    }

    private Table proposal() {
        return Objects.requireNonNull(division.propose(LIMIT));
    }

    private Division.Settled agreedBy(Map<String, List<Seats>> before) {
        var open = proposal();
        before.forEach((home, seats) -> division.agreed(home, open.version(), seats));
        return Objects.requireNonNull(division.settle());
    }

    @Test
    void theFirstTableDividesTheLimitAndTheRemainderGoesToTheLowestNames() {
        division.joined("c", Tables.NONE);
        division.joined("a", Tables.NONE);
        division.joined("b", Tables.NONE);
        var settled = agreedBy(Map.of("a", List.of(), "b", List.of(), "c", List.of()));
        assertThat(settled.table().rows().getFirst().parts()).containsExactlyInAnyOrderEntriesOf(
                Map.of("a", 14, "b", 13, "c", 13));
        assertThat(settled.gains().get("a")).isEqualTo(seats(14)); // nobody has used them
        assertThat(division.propose(LIMIT)).isNull();
    }

    @Test
    void nothingIsSettledBeforeEverybodyPresentHasAgreed() {
        division.joined("a", Tables.NONE);
        division.joined("b", Tables.NONE);
        division.agreed("a", proposal().version(), List.of());
        assertThat(division.settle()).isNull();
        assertThat(division.openFor("a")).isNull();
        assertThat(division.openFor("b")).isEqualTo(proposal());
        division.agreed("b", new Version(7, "a", 99), List.of());
        assertThat(division.settle()).isNull();
    }

    @Test
    void whatAnAbsentHomeMayHaveStaysItsOwnByAnyTableThatSomebodyKnows() {
        var settled = table(3, 1, Map.of("a", 20, "gone", 20));
        division.joined("a", new Tables(settled, table(3, 2, Map.of("a", 10, "gone", 30))));
        assertThat(proposal().rows().getFirst().parts()).isEqualTo(Map.of("gone", 30, "a", 10));
        assertThat(division.absent()).containsExactly("gone");
    }

    @Test
    void aLaterSettledTableMakesEarlierProposalsVoid() {
        division.joined("a", new Tables(table(3, 1, Map.of("a", 20, "gone", 20)), table(3, 2, Map.of("gone", 40))));
        division.joined("b", new Tables(table(3, 3, Map.of("a", 15, "b", 15, "gone", 10)), null));
        assertThat(proposal().rows().getFirst().parts()).isEqualTo(Map.of("gone", 10, "a", 15, "b", 15));
    }

    @Test
    void aHomeThatIsGoneForGoodLosesItsPartWhichCountsAsUsed() {
        division.joined("a", new Tables(table(3, 1, Map.of("a", 20, "dead", 20)), null));
        division.gone("dead");
        var settled = agreedBy(Map.of("a", seats(20)));
        assertThat(settled.table().part(ACCOUNT, "a")).isEqualTo(40);
        var gain = Objects.requireNonNull(settled.gains().get("a")).getFirst();
        assertThat(gain.part()).isEqualTo(20);
        assertThat(gain.busy()).hasSize(20).containsOnly(SPAN);
    }

    @Test
    void aHomeThatLeavesHandsOverItsSeatsWithTheirAges() {
        var before = table(3, 1, Map.of("a", 36, "b", 4));
        division.joined("a", new Tables(before, null));
        division.joined("b", new Tables(before, null));
        division.leaves("b");
        var settled = agreedBy(Map.of("a", seats(36), "b", seats(4, 5_000L, 50_000L)));
        assertThat(settled.table().part(ACCOUNT, "b")).isZero();
        assertThat(settled.gains()).containsOnlyKeys("a");
        assertThat(settled.gains().get("a")).isEqualTo(seats(4, 5_000L, 50_000L));
    }

    @Test
    void theLastOneThatLeavesGivesItsPartToNobodyAndTheNextOneCountsItAsUsed() {
        var before = table(3, 1, Map.of("a", 40));
        division.joined("a", new Tables(before, null));
        division.leaves("a");
        assertThat(agreedBy(Map.of("a", seats(40))).table().rows().getFirst().parts()).isEmpty();
        division.absent("a");
        division.joined("b", Tables.NONE);
        var settled = agreedBy(Map.of("b", List.of()));
        assertThat(settled.table().part(ACCOUNT, "b")).isEqualTo(40);
        assertThat(Objects.requireNonNull(settled.gains().get("b")).getFirst().busy()).hasSize(40).containsOnly(SPAN);
    }

    @Test
    void whoHasUsedMoreThanItsNewPartGivesSeatsThatAreBusyAsLong() {
        var before = table(3, 1, Map.of("a", 40));
        division.joined("a", new Tables(before, null));
        division.joined("b", Tables.NONE);
        Long[] busy = new Long[25];
        for (int i = 0; i < busy.length; i++) {
            busy[i] = 1_000L * (i + 1);
        }
        var settled = agreedBy(Map.of("a", seats(40, busy), "b", List.of()));
        // Of 25 that count, 20 may stay; the first five to end hold back five of the seats that are given.
        assertThat(settled.gains().get("b")).isEqualTo(seats(20, 1_000L, 2_000L, 3_000L, 4_000L, 5_000L));
    }

    @Test
    void whoWasAboveItsPartAlreadyGivesNoSeatTooEarly() {
        var before = table(3, 1, Map.of("a", 2, "c", 38));
        division.joined("a", new Tables(before, null));
        division.joined("b", Tables.NONE);
        division.absent("c");
        var settled = agreedBy(Map.of("a", seats(2, 1_000L, 2_000L, 3_000L), "b", List.of()));
        // Three count, one may stay: with the first to end it is only back at its old part.
        assertThat(settled.gains().get("b")).isEqualTo(seats(1, 2_000L));
    }

    @Test
    void seatsThatWereGivenToAProposalInVainAreNotLost() {
        var before = table(3, 1, Map.of("a", 40));
        division.joined("a", new Tables(before, null));
        division.joined("b", Tables.NONE);
        var first = proposal();
        division.agreed("a", first.version(), seats(40));
        division.joined("c", Tables.NONE);
        var settled = agreedBy(Map.of("a", seats(20), "b", List.of(), "c", List.of()));
        assertThat(settled.gains().get("b")).isEqualTo(seats(13));
        assertThat(settled.gains().get("c")).isEqualTo(seats(13));
    }

    @Test
    void aHigherLimitIsFreeAtOnceAndALowerOneIsTakenFromAll() {
        division.joined("a", Tables.NONE);
        agreedBy(Map.of("a", List.of()));
        var higher = Objects.requireNonNull(division.propose(Map.of(ACCOUNT, 50)));
        division.agreed("a", higher.version(), seats(40));
        assertThat(Objects.requireNonNull(division.settle()).gains().get("a")).isEqualTo(seats(10));
        var lower = Objects.requireNonNull(division.propose(Map.of(ACCOUNT, 30)));
        assertThat(lower.part(ACCOUNT, "a")).isEqualTo(30);
    }
}
