package dev.sidecar.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class ArrivalsTest {

    private final Arrivals arrivals = new Arrivals();

    @Test
    void aRefusedRequestHasArrivedToo() {
        arrivals.add(Instant.ofEpochMilli(5), true);
        arrivals.add(Instant.ofEpochMilli(7), false);

        assertThat(arrivals.toJson().encode()).isEqualTo("{\"arrivals_ms\":[5,7],\"refused\":1}");
    }

    @Test
    void theLatestAreKept() {
        arrivals.add(Instant.ofEpochMilli(1), false);
        for (int i = 0; i < Arrivals.KEPT; i++) {
            arrivals.add(Instant.ofEpochMilli(2), true);
        }

        assertThat(arrivals.toJson().getJsonArray("arrivals_ms")).hasSize(Arrivals.KEPT).doesNotContain(1L);
        assertThat(arrivals.toJson().getLong("refused")).isZero();
    }
}
