package dev.sidecar.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.ThrottleSettings;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A view is of use as long as it is young. */
class LatestViewTest {

    private static final long SECOND = 1_000_000_000L;
    /** Shortly before the clock overflows. */
    private static final long START = Long.valueOf(Long.MAX_VALUE) - SECOND;

    private final LatestView latest = new LatestView();

    private static JsonNode ofLimit(int limit) {
        return FleetView.of(new Throttle<String>(new ThrottleSettings(limit, limit, Pacing.WINDOW, 500,
                Duration.ofSeconds(150), Duration.ofSeconds(2), false), () -> 0)).json();
    }

    private Optional<Integer> limitAt(long now) {
        return latest.at(now).map(each -> each.queue().minute().limit());
    }

    @Test
    void nothingIsSeenBeforeTheFirst() {
        assertThat(latest.at(START)).isEmpty();
    }

    @Test
    void itIsSeenForThreeSeconds() {
        latest.heard(ofLimit(40), START);
        assertThat(limitAt(START)).contains(40);
        assertThat(limitAt(START + 3 * SECOND - 1)).contains(40);
        assertThat(limitAt(START + 3 * SECOND)).isEmpty();
    }

    @Test
    void aLaterOneTakesItsPlace() {
        latest.heard(ofLimit(40), START);
        assertThat(limitAt(START)).contains(40);
        latest.heard(ofLimit(50), START + SECOND);
        assertThat(limitAt(START + SECOND)).contains(50);
        assertThat(limitAt(START + 3 * SECOND)).contains(50);
    }

    @Test
    void oneThatCannotBeReadIsNone() {
        latest.heard(JsonNodeFactory.instance.objectNode(), START);
        assertThat(latest.at(START)).isEmpty();
        assertThat(latest.at(START)).isEmpty();
    }
}
