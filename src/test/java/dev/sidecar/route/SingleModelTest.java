package dev.sidecar.route;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SingleModelTest {

    private static final long MINUTE = 60_000_000_000L;

    private long now = Long.MAX_VALUE - MINUTE;
    private final SingleModel models = new SingleModel(() -> now);

    @Test
    void answersOfOneModelBelongTogether() {
        assertThat(models.observe("a")).isTrue();
        assertThat(models.observe("a")).isTrue();
    }

    @Test
    void anotherModelOrNoneBreaksTheRowForThreeMinutes() {
        models.observe("a");
        assertThat(models.observe(null)).isFalse();
        now += 3 * MINUTE;
        assertThat(models.observe(null)).isFalse();
        now += 1;
        assertThat(models.observe(null)).isTrue();
        assertThat(models.observe("b")).isFalse();
    }
}
