package dev.sidecar.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.fleet.Table.Row;
import dev.sidecar.throttle.pool.AccountId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OwnPartsTest {

    private static final AccountId ACCOUNT = new AccountId("nvidia", "key");

    private static Table table(long number, int part) {
        return new Table(new Version(1, "l", number),
                List.of(new Row(ACCOUNT, 40, Map.of("me", part, "you", 40 - part))));
    }

    private final OwnParts parts = new OwnParts("me", new Tables(table(1, 20), null));

    @Test
    void aSmallerPartHoldsAtOnceAndALargerOneWhenItIsSettled() {
        assertThat(parts.agree(table(2, 30), table(1, 0).version())).isTrue();
        assertThat(parts.part(ACCOUNT)).isEqualTo(20);
        assertThat(parts.settle(table(2, 0).version())).isEqualTo(table(2, 30));
        assertThat(parts.part(ACCOUNT)).isEqualTo(30);
        assertThat(parts.agree(table(3, 10), table(2, 0).version())).isTrue();
        assertThat(parts.part(ACCOUNT)).isEqualTo(10);
    }

    @Test
    void aLeaderThatDoesNotKnowItsLatestTableIsRefused() {
        assertThat(parts.agree(table(5, 10), table(1, 0).version())).isTrue();
        assertThat(parts.agree(table(6, 40), table(1, 0).version())).isFalse();
        assertThat(parts.agree(table(4, 40), table(5, 0).version())).isFalse();
        assertThat(parts.part(ACCOUNT)).isEqualTo(10);
        assertThat(parts.tables().highest()).isEqualTo(table(5, 0).version());
    }

    @Test
    void aTableToWhichItHasNotAgreedIsNotSettled() {
        assertThat(parts.settle(table(2, 0).version())).isNull();
        parts.agree(table(2, 30), table(1, 0).version());
        parts.agree(table(3, 25), table(2, 0).version());
        assertThat(parts.settle(table(2, 0).version())).isNull();
        assertThat(parts.part(ACCOUNT)).isEqualTo(20);
    }

    @Test
    void aProposalThatComesTwiceIsAgreedToTwice() {
        assertThat(parts.agree(table(2, 30), table(1, 0).version())).isTrue();
        assertThat(parts.agree(table(2, 30), table(1, 0).version())).isTrue();
    }

    @Test
    void theNextProcessHasTheSmallerOfWhatItHadAndWhatItAgreedTo() {
        assertThat(new OwnParts("me", new Tables(table(1, 20), table(2, 30))).part(ACCOUNT)).isEqualTo(20);
        assertThat(new OwnParts("me", new Tables(table(1, 20), table(2, 5))).part(ACCOUNT)).isEqualTo(5);
        assertThat(new OwnParts("me", Tables.NONE).hasNone()).isTrue();
    }

    @Test
    void itIsGivenUpOnlyWhenTheOthersKnow() {
        parts.agree(table(2, 0), table(1, 0).version());
        assertThat(parts.hasNone()).isTrue();
        assertThat(parts.areGivenUp()).isFalse();
        parts.settle(table(2, 0).version());
        assertThat(parts.areGivenUp()).isTrue();
    }
}
