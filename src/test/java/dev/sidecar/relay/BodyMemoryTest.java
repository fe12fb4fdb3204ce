package dev.sidecar.relay;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BodyMemoryTest {

    @Test
    void bodies_fit_up_to_the_limit_and_not_a_byte_further() {
        var memory = new BodyMemory(100);
        assertThat(memory.take(60)).isTrue();
        assertThat(memory.take(41)).isFalse();
        assertThat(memory.take(40)).isTrue();
        assertThat(memory.used()).isEqualTo(100);
    }

    @Test
    void what_is_refused_takes_nothing_and_what_is_released_can_be_taken_again() {
        var memory = new BodyMemory(100);
        assertThat(memory.take(100)).isTrue();
        assertThat(memory.take(1)).isFalse();
        memory.release(100);
        assertThat(memory.used()).isZero();
        assertThat(memory.take(100)).isTrue();
    }
}
