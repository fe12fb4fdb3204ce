package dev.sidecar.ops;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.fleet.FleetStatus;
import dev.sidecar.fleet.ReplicaFigures;
import dev.sidecar.http.JsonResponse;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The fleet as {@code /status} shows it. */
class FleetReportTest {

    private static String json(Optional<FleetStatus> fleet) {
        return new String(JsonResponse.bytes(FleetReport.of(fleet)), UTF_8);
    }

    @Test
    void aSidecarWithoutAFleetIsSingleAndNothingElse() {
        assertThat(json(Optional.empty())).isEqualTo("{\"mode\":\"single\"}");
    }

    @Test
    void whileSharedItTellsWhoLeadsAndWhoIsThere() {
        var status = new FleetStatus(FleetStatus.Mode.SHARED, "a", "b",
                List.of(new ReplicaFigures("a", 3, 1, 14), new ReplicaFigures("b", 0, 2, 26)), 0.4049, false, false);
        assertThat(json(Optional.of(status))).isEqualTo("{\"mode\":\"shared\",\"replica\":\"a\",\"leader\":\"b\","
                + "\"replicas\":[{\"id\":\"a\",\"waiting\":3,\"in_flight\":1,\"part_rpm\":14},"
                + "{\"id\":\"b\",\"waiting\":0,\"in_flight\":2,\"part_rpm\":26}],\"redis_ms\":0.4}");
    }

    @Test
    void withoutALeaderItKnowsOnlyItself() {
        var status = new FleetStatus(FleetStatus.Mode.ALONE, "a", "", List.of(new ReplicaFigures("a", 0, 0, 0)), 0,
                false, true);
        assertThat(json(Optional.of(status))).isEqualTo("{\"mode\":\"alone\",\"replica\":\"a\","
                + "\"replicas\":[{\"id\":\"a\",\"waiting\":0,\"in_flight\":0,\"part_rpm\":0}],\"redis_ms\":0.0}");
    }
}
