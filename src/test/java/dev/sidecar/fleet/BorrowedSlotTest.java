package dev.sidecar.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.fleet.Message.Ending;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BorrowedSlotTest {

    private static final Call CALL = new Call(1, 1);

    private long now = 100;
    private final List<Message> leader = new ArrayList<>();
    private final List<Message> lender = new ArrayList<>();
    private final BorrowedSlot slot = new BorrowedSlot(CALL, "loan", 200, () -> now, leader::add, lender::add);

    @Test
    void itMayBeSentOnlyForATime() {
        now = 199;
        assertThat(slot.mayBeSent()).isTrue();
        now = 200;
        assertThat(slot.mayBeSent()).isFalse();
    }

    @Test
    void lenderAndLeaderHearWhatBecomesOfIt() {
        slot.writing();
        slot.sent();
        slot.sent();
        assertThat(slot.succeeded()).isTrue();
        assertThat(slot.giveBack()).isFalse();
        assertThat(lender).containsExactly(new Message.LoanSent("loan"), new Message.LoanAnswered("loan"));
        assertThat(leader).first().isEqualTo(new Message.Sent(CALL));
        assertThat(leader).hasSize(2).last().isInstanceOfSatisfying(Message.Ended.class,
                ended -> assertThat(ended.ending()).isEqualTo(Ending.SUCCEEDED));
    }

    @Test
    void whatWasNotSentGoesBackToItsLender() {
        assertThat(slot.giveBack()).isTrue();
        slot.sent();
        assertThat(slot.isEnded()).isTrue();
        assertThat(lender).containsExactly(new Message.LoanBack("loan"));
        assertThat(leader).containsExactly(new Message.Ended(CALL, Ending.GIVEN_BACK, null));
    }

    @Test
    void whatMayHaveBeenSentStaysUsed() {
        slot.sent();
        slot.giveBack();
        assertThat(lender).containsExactly(new Message.LoanSent("loan"));
    }

    @Test
    void aRefusalCountsAsSent() {
        assertThat(slot.refused()).isTrue();
        assertThat(lender).containsExactly(new Message.LoanSent("loan"), new Message.LoanAnswered("loan"));
    }
}
