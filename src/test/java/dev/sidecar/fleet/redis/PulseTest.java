package dev.sidecar.fleet.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A message to oneself, in virtual time. Readings may be negative and may overflow. */
class PulseTest {

    private static final Duration PATIENCE = Duration.ofNanos(10);
    /** Shortly before the clock wraps. */
    private static final long START = Long.parseLong("9223372036854775802");

    private final Pulse pulse = new Pulse();

    @Test
    void aMessageThatComesBackTellsHowLongItTook() {
        assertThat(pulse.lastRoundTrip()).isZero();
        pulse.sent(START);
        assertThat(pulse.isAway()).isTrue();
        pulse.returned(START + 7);
        assertThat(pulse.isAway()).isFalse();
        assertThat(pulse.lastRoundTrip()).isEqualTo(Duration.ofNanos(7));
        pulse.returned(START + 90); // once more: it says nothing
        assertThat(pulse.lastRoundTrip()).isEqualTo(Duration.ofNanos(7));
    }

    @Test
    void oneThatStaysAwayIsMissedAtTheSecondLookAfterPatience() {
        pulse.sent(START);
        assertThat(pulse.isMissed(START + 5, PATIENCE)).isFalse();
        assertThat(pulse.isMissed(START + 10, PATIENCE)).isFalse();
        assertThat(pulse.isMissed(START + 11, PATIENCE)).isTrue();
    }

    @Test
    void aProcessThatStoodStillLooksTwice() {
        pulse.sent(START);
        assertThat(pulse.isMissed(START + 1000, PATIENCE)).isFalse();
        pulse.returned(START + 1001);
        assertThat(pulse.isMissed(START + 1005, PATIENCE)).isFalse();
    }

    @Test
    void whileBothConnectionsAreAtWorkItMayTakeItsTime() {
        pulse.sent(START);
        pulse.isMissed(START + 5, PATIENCE);
        pulse.replied(START + 15);
        pulse.arrived(START + 12);
        assertThat(pulse.isMissed(START + 20, PATIENCE)).isFalse();
        pulse.replied(START + 30);
        assertThat(pulse.isMissed(START + 30, PATIENCE)).as("nothing arrives").isTrue();
    }

    @Test
    void repliesAloneAreNotEnoughAndNeitherAreMessages() {
        pulse.sent(START);
        pulse.isMissed(START + 5, PATIENCE);
        pulse.arrived(START + 20);
        assertThat(pulse.isMissed(START + 20, PATIENCE)).as("nothing is replied").isTrue();
    }

    @Test
    void theNextOneStartsAnew() {
        pulse.sent(START);
        pulse.returned(START + 1);
        pulse.sent(START + 100);
        assertThat(pulse.isMissed(START + 105, PATIENCE)).isFalse();
        assertThat(pulse.isMissed(START + 109, PATIENCE)).isFalse();
    }
}
