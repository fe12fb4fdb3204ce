package dev.sidecar.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MemoryBudgetTest {

    @Test
    void it_can_be_taken_up_to_the_limit_and_not_a_byte_further() {
        var memory = MemoryBudget.of(100);
        assertThat(memory.take(60)).isTrue();
        assertThat(memory.take(41)).isFalse();
        assertThat(memory.take(40)).isTrue();
        assertThat(memory.used()).isEqualTo(100);
    }

    @Test
    void what_is_refused_takes_nothing_and_what_is_released_can_be_taken_again() {
        var memory = MemoryBudget.of(100);
        assertThat(memory.take(100)).isTrue();
        assertThat(memory.take(1)).isFalse();
        memory.release(100);
        assertThat(memory.used()).isZero();
        assertThat(memory.take(100)).isTrue();
    }

    @Test
    void whether_something_is_left_can_be_asked_without_taking_it() {
        var whole = MemoryBudget.of(100);
        var part = whole.part(50);
        assertThat(part.has(50)).isTrue();
        assertThat(part.has(51)).isFalse();
        assertThat(whole.take(60)).isTrue();
        assertThat(part.has(40)).isTrue();
        assertThat(part.has(41)).isFalse();
        assertThat(part.used()).isZero();
    }

    @Test
    void a_part_is_taken_from_the_whole_too_and_neither_goes_beyond_its_limit() {
        var whole = MemoryBudget.of(100);
        var part = whole.part(50);
        assertThat(part.take(51)).isFalse();
        assertThat(whole.used()).isZero();
        assertThat(whole.take(60)).isTrue();
        assertThat(part.take(41)).isFalse();
        assertThat(part.used()).isZero();
        assertThat(part.take(40)).isTrue();
        assertThat(whole.used()).isEqualTo(100);
        part.release(40);
        assertThat(whole.used()).isEqualTo(60);
    }
}
