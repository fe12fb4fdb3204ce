package dev.sidecar.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sidecar.state.SendRecord.Kind;
import dev.sidecar.state.SendRecord.TornException;
import dev.sidecar.throttle.budget.BudgetRule;
import java.nio.ByteBuffer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SendRecordTest {

    private static final int AT = 8;
    private final ByteBuffer buffer = ByteBuffer.allocate(AT + SendRecord.LENGTH);

    @Property(tries = 300)
    void whatIsWrittenIsRead(@ForAll Kind kind, @ForAll long stamp, @ForAll long account) throws TornException {
        var record = new SendRecord(kind, stamp, account);
        record.writeTo(buffer, AT);
        assertThat(SendRecord.read(buffer, AT)).isEqualTo(record);
        assertThat(SendRecord.isErased(buffer, AT)).isFalse();
        SendRecord.erase(buffer, AT);
        assertThat(SendRecord.isErased(buffer, AT)).isTrue();
    }

    /** A process may be killed between any two words, in whatever order they are written. */
    @Property(tries = 2_000)
    void whatIsHalfWrittenIsTornOrWhatWasThereBefore(@ForAll Kind before, @ForAll Kind after, @ForAll long stamp,
            @ForAll long later, @ForAll long account, @ForAll @IntRange(min = 0, max = 15) int written) {
        var old = new SendRecord(before, stamp, account);
        var next = new SendRecord(after, later, account);
        old.writeTo(buffer, AT);
        var whole = ByteBuffer.allocate(AT + SendRecord.LENGTH);
        next.writeTo(whole, AT);
        for (int word = 0; word < 4; word++) {
            if ((written & 1 << word) != 0) {
                buffer.putLong(AT + 8 * word, whole.getLong(AT + 8 * word));
            }
        }
        try {
            assertThat(SendRecord.read(buffer, AT)).isIn(old, next);
        } catch (TornException torn) {
            assertThat(old).isNotEqualTo(next);
        }
    }

    @Property(tries = 300)
    void whatIsHalfErasedIsNotTakenForNothing(@ForAll Kind kind, @ForAll long stamp,
            @ForAll @IntRange(min = 0, max = 14) int erased) {
        new SendRecord(kind, stamp, 0x5eed).writeTo(buffer, AT);
        for (int word = 0; word < 4; word++) {
            if ((erased & 1 << word) != 0) {
                buffer.putLong(AT + 8 * word, 0);
            }
        }
        assertThat(SendRecord.isErased(buffer, AT) && erased != 14 && erased != 15).isFalse();
    }

    @Test
    void onlyASendThatNoLongerCountsLeavesItsPlace() {
        new SendRecord(Kind.SENT, 5, 1).writeTo(buffer, AT);
        assertThat(SendRecord.isFree(buffer, AT, 5 + BudgetRule.PERIOD - 1)).isFalse();
        assertThat(SendRecord.isFree(buffer, AT, 5 + BudgetRule.PERIOD)).isTrue();
        new SendRecord(Kind.IN_HAND, 5, 1).writeTo(buffer, AT);
        assertThat(SendRecord.isFree(buffer, AT, 5 + 10 * BudgetRule.PERIOD)).isFalse();
        SendRecord.erase(buffer, AT);
        assertThat(SendRecord.isFree(buffer, AT, 5)).isTrue();
    }

    @Test
    void aKindThatNobodyKnowsIsTorn() {
        buffer.putLong(AT + 16, 99);
        assertThatThrownBy(() -> SendRecord.read(buffer, AT)).isInstanceOf(TornException.class);
    }
}
