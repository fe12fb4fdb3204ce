package dev.sidecar.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.order.Priority;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the way to the leader and back costs, apart from the wait for a slot. */
class GrantTimesTest {

    private static final long MILLI = 1_000_000;
    private static final long MICROS_OF_A_MILLI = 1_000;

    private final List<Long> took = new ArrayList<>();
    private final GrantTimes times = new GrantTimes(took::add);

    private static Message waits(long number) {
        return new Message.Waits(new Request(number, 1, Priority.NORMAL, "anonymous", 1, null, Map.of(), false, 0,
                60_000, 0, null, Set.of(), null, 0, null));
    }

    private static Message grant(long number, @Nullable Long queuedMicros) {
        return new Message.Grant(new Call(number, 1), "p", "a", "k", null, null, 1, queuedMicros);
    }

    private void said(long millis, Message... messages) {
        times.sent(List.of(messages), millis * MILLI);
    }

    private void heard(long millis, Message... messages) {
        times.heard(List.of(messages), millis * MILLI);
    }

    @Test
    void theWaitInTheLeadersQueueDoesNotCount() {
        said(10, waits(1), waits(2));
        heard(13, grant(1, 0L));
        heard(5_014, grant(2, 5_000 * MICROS_OF_A_MILLI));
        assertThat(took).containsExactly(3 * MILLI, 4 * MILLI);
    }

    @Test
    void aClockThatIsALittleFasterThereTakesNoTimeAway() {
        said(10, waits(1));
        heard(20, grant(1, 11 * MICROS_OF_A_MILLI));
        assertThat(took).containsExactly(0L);
    }

    @Test
    void aGrantThatIsDoubledOrNotAskedForCountsOnce() {
        said(10, waits(1));
        heard(13, grant(1, 0L), grant(1, 0L), grant(7, 0L));
        assertThat(took).containsExactly(3 * MILLI);
    }

    @Test
    void aLeaderThatDoesNotSayHowLongItWaitedIsNotMeasured() {
        said(10, waits(1));
        heard(13, grant(1, null));
        assertThat(took).isEmpty();
    }

    @Test
    void whoLeftOrWasRefusedIsForgotten() {
        said(10, waits(1), waits(2), new Message.Left(new Call(1, 1)));
        heard(11, new Message.Refused(new Call(2, 1), "queue_timeout", 1, "late"));
        heard(13, grant(1, 0L), grant(2, 0L));
        assertThat(took).isEmpty();
    }

    @Test
    void beforeAnotherLeaderAllIsSaidAgain() {
        said(10, waits(1));
        said(20, new Message.Hello(2, "a", Tables.NONE, List.of(), List.of(), Set.of(), null));
        heard(21, grant(1, 0L));
        assertThat(took).isEmpty();
        said(22, waits(1));
        heard(24, grant(1, 0L));
        assertThat(took).containsExactly(2 * MILLI);
    }
}
