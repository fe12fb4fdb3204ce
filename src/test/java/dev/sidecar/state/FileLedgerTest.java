package dev.sidecar.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.state.SendRecord.Kind;
import dev.sidecar.throttle.budget.BudgetRule;
import dev.sidecar.throttle.pool.AccountId;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileLedgerTest {

    private static final AccountId ACCOUNT = new AccountId("p", "a");
    private static final long NUMBER = AccountNumber.of(ACCOUNT);
    private static final Optional<BootId> BOOT = Optional.of(new BootId(new UUID(1, 2)));

    @TempDir
    Path folder;

    private final FileLedger ledger = new FileLedger();

    private void ring(int records) throws Exception {
        boolean first = ledger.room() == 4_096;
        ledger.add(SendRing.create(file(records), records, BOOT,
                first ? List.of(new SendRecord(Kind.FULL, 0, 0)) : List.of()));
    }

    private Path file(int records) {
        return folder.resolve("sends-" + records + ".ring");
    }

    private List<SendRecord> written(int records) throws Exception {
        return SendRing.read(file(records), BOOT).records().stream().filter(each -> each.kind() != Kind.FULL).toList();
    }

    @Test
    void aSlotInHandASendAndNothingAreWhatTheNextProcessReads() throws Exception {
        ring(10);
        var page = ledger.of(ACCOUNT);
        page.granted(5);
        int sent = page.granted(6);
        page.sent(sent, 7);
        int back = page.granted(8);
        page.givenBack(back);
        assertThat(written(10)).containsExactlyInAnyOrder(new SendRecord(Kind.IN_HAND, 5, NUMBER),
                new SendRecord(Kind.SENT, 7, NUMBER));
    }

    @Test
    void aPlaceIsUsedAgainWhenItsSendNoLongerCounts() throws Exception {
        ring(4); // the first one is reserved
        var page = ledger.of(ACCOUNT);
        for (int i = 0; i < 3; i++) {
            page.sent(page.granted(i), i);
        }
        page.granted(BudgetRule.PERIOD + 1);
        assertThat(ledger.hasLost()).isFalse();
        assertThat(written(4)).hasSize(3).contains(new SendRecord(Kind.IN_HAND, BudgetRule.PERIOD + 1, NUMBER),
                new SendRecord(Kind.SENT, 2, NUMBER));
    }

    @Test
    void aSendWithoutRoomSaysThatNobodyKnowsWhatWasSent() throws Exception {
        ring(3);
        var page = ledger.of(ACCOUNT);
        page.granted(0);
        page.granted(0);
        int none = page.granted(9);
        page.sent(none, 10);
        page.givenBack(none);
        assertThat(ledger.hasLost()).isTrue();
        assertThat(written(3)).contains(new SendRecord(Kind.LOST, 9, 0)).hasSize(3);
    }

    @Test
    void aFurtherFileGivesMoreRoom() throws Exception {
        ring(3);
        ring(5);
        var page = ledger.of(ACCOUNT);
        int[] entries = new int[7];
        for (int i = 0; i < entries.length; i++) {
            entries[i] = page.granted(i);
        }
        assertThat(ledger.hasLost()).isFalse();
        for (int each : entries) {
            page.givenBack(each);
        }
        assertThat(written(3)).isEmpty();
        assertThat(written(5)).isEmpty();
    }

    @Test
    void theRoomFollowsTheLimitsOfAllAccounts() throws Exception {
        assertThat(ledger.room()).isEqualTo(4_096);
        ledger.of(ACCOUNT).limit(10_000);
        ledger.of(new AccountId("p", "b")).limit(2_000);
        assertThat(ledger.room()).isEqualTo(4_096 + 18_000);
        ledger.of(ACCOUNT).limit(1_000_000);
        assertThat(ledger.room()).isEqualTo(4_096 + 1_503_000);
        ring(1_000_000);
        assertThat(ledger.room()).isEqualTo(4_096 + 503_000);
        assertThat(ledger.accounts()).hasSize(2);
    }

    @Test
    void beforeItHasAFileItWritesNothingDown() {
        var page = ledger.of(ACCOUNT);
        int entry = page.granted(0);
        page.sent(entry, 1);
        assertThat(ledger.hasLost()).isFalse();
    }
}
