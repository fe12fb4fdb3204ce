package dev.sidecar.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MemoryBudgetTest {

    @Test
    void itCanBeTakenUpToTheLimitAndNotAByteFurther() {
        var memory = MemoryBudget.of(100);
        assertThat(memory.take(60)).isTrue();
        assertThat(memory.take(41)).isFalse();
        assertThat(memory.take(40)).isTrue();
        assertThat(memory.used()).isEqualTo(100);
    }

    @Test
    void whatIsRefusedTakesNothingAndWhatIsReleasedCanBeTakenAgain() {
        var memory = MemoryBudget.of(100);
        assertThat(memory.take(100)).isTrue();
        assertThat(memory.take(1)).isFalse();
        memory.release(100);
        assertThat(memory.used()).isZero();
        assertThat(memory.take(100)).isTrue();
    }

    @Test
    void whetherSomethingIsLeftCanBeAskedWithoutTakingIt() {
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
    void aPartIsTakenFromTheWholeTooAndNeitherGoesBeyondItsLimit() {
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
