package dev.sidecar.fleet.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How long to wait before the next attempt to connect. */
class BackoffTest {

    private final Backoff backoff = new Backoff();

    private Stream<Long> nextMillis(int count) {
        return Stream.generate(backoff::next).limit(count).map(Duration::toMillis);
    }

    @Test
    void itDoublesFromATenthToTwoSeconds() {
        assertThat(nextMillis(7)).containsExactly(100L, 200L, 400L, 800L, 1600L, 2000L, 2000L);
    }

    @Test
    void aConnectionThatHeldBeginsAnewAndAShortOneDoesNot() {
        assertThat(nextMillis(3)).containsExactly(100L, 200L, 400L);
        backoff.ended(Duration.ofMillis(1999));
        assertThat(nextMillis(1)).containsExactly(800L);
        backoff.ended(Duration.ofSeconds(2));
        assertThat(nextMillis(1)).containsExactly(100L);
    }
}
