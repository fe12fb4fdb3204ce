package dev.sidecar.traffic;

import static dev.sidecar.throttle.order.Refusal.Reason.CIRCUIT_OPEN;
import static dev.sidecar.throttle.order.Refusal.Reason.QUEUE_FULL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.order.Priority;
import dev.sidecar.traffic.RefusalTable.Row;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The refusals of the last hour. */
class RefusalTableTest {

    private long nanos = Long.MAX_VALUE - Duration.ofMinutes(20).toNanos();
    private final RefusalTable table = new RefusalTable(() -> nanos);

    @Test
    void theBusiestIsTheFirst() {
        table.refused(QUEUE_FULL, Priority.LOW, "a");
        pass(Duration.ofSeconds(10));
        table.refused(CIRCUIT_OPEN, Priority.LOW, "a");
        table.refused(QUEUE_FULL, Priority.HIGH, null);
        pass(Duration.ofSeconds(70));
        table.refused(QUEUE_FULL, Priority.HIGH, null);
        pass(Duration.ofSeconds(5));
        assertThat(table.lastHour()).containsExactly(
                new Row(QUEUE_FULL, Priority.HIGH, null, 2, Duration.ofSeconds(5)),
                new Row(CIRCUIT_OPEN, Priority.LOW, "a", 1, Duration.ofSeconds(75)),
                new Row(QUEUE_FULL, Priority.LOW, "a", 1, Duration.ofSeconds(85)));
    }

    @Test
    void theHourSlidesByTheMinute() {
        for (int minute = 0; minute < 90; minute++) {
            table.refused(QUEUE_FULL, Priority.HIGH, "each minute");
            if (minute == 0) {
                table.refused(QUEUE_FULL, Priority.LOW, "once");
            }
            assertThat(table.lastHour()).hasSize(minute < 60 ? 2 : 1);
            pass(Duration.ofMinutes(1));
        }
        assertThat(table.lastHour().getFirst().count()).isEqualTo(59);
        pass(Duration.ofHours(1));
        assertThat(table.lastHour()).isEmpty();
    }

    /** Clients choose the names: they get no more rows than there are, whatever they send. */
    @Test
    void theRestIsSummedUp() {
        for (int minute = 0; minute < 60; minute++) {
            for (int i = 0; i < 1_000; i++) {
                table.refused(QUEUE_FULL, Priority.NORMAL, "model-" + minute + "-" + i);
            }
            table.refused(QUEUE_FULL, Priority.NORMAL, "real");
            table.refused(CIRCUIT_OPEN, Priority.NORMAL, "real");
            pass(Duration.ofMinutes(1));
        }
        pass(Duration.ofNanos(-1));
        var rows = table.lastHour();
        assertThat(rows).hasSizeLessThanOrEqualTo(RefusalTable.MOST_ROWS + 2);
        assertThat(rows.stream().mapToLong(Row::count).sum()).isEqualTo(60 * 1_002);
        assertThat(rows.getFirst().model()).isEqualTo(RefusalTable.OTHER);
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
    }
}
