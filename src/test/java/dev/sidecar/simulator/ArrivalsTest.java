package dev.sidecar.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class ArrivalsTest {

    private final Arrivals arrivals = new Arrivals();

    @Test
    void aRefusedRequestHasArrivedToo() {
        arrivals.add(Instant.ofEpochMilli(5), true, 30);
        arrivals.add(Instant.ofEpochMilli(7), false, 40);

        assertThat(arrivals.toJson().encode()).isEqualTo("{\"arrivals_ms\":[5,7],\"tokens\":[30,0],\"refused\":1}");
    }

    @Test
    void theLatestAreKept() {
        arrivals.add(Instant.ofEpochMilli(1), false, 1);
        for (int i = 0; i < Arrivals.KEPT; i++) {
            arrivals.add(Instant.ofEpochMilli(2), true, 1);
        }

        assertThat(arrivals.toJson().getJsonArray("arrivals_ms")).hasSize(Arrivals.KEPT).doesNotContain(1L);
        assertThat(arrivals.toJson().getLong("refused")).isZero();
    }
}
