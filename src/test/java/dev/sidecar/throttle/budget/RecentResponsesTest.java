package dev.sidecar.throttle.budget;

import static dev.sidecar.throttle.Desk.MILLI;
import static dev.sidecar.throttle.Desk.SECOND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class RecentResponsesTest {

    /** An answer, in nanoseconds after the start. */
    private record Answer(long at, boolean refused) {
    }

    @Test
    void withoutAnswersTheShareIsZero() {
        var answers = new RecentResponses(Long.MIN_VALUE);
        assertThat(answers.share(Long.MIN_VALUE)).isZero();
        assertThat(answers.refusals(Long.MIN_VALUE + SECOND)).isZero();
        answers.accepted(Long.MIN_VALUE + SECOND);
        assertThat(answers.share(Long.MIN_VALUE + SECOND)).isZero();
    }

    @Test
    void theShareIsOfAllAnswers() {
        var answers = new RecentResponses(0);
        for (int i = 0; i < 19; i++) {
            answers.accepted(i * SECOND);
        }
        answers.refused(19 * SECOND);
        assertThat(answers.share(19 * SECOND)).isEqualTo(0.05);
        answers.refused(20 * SECOND);
        assertThat(answers.refusals(20 * SECOND)).isEqualTo(2);
        assertThat(answers.share(20 * SECOND)).isCloseTo(2 / 21.0, within(1e-12));
    }

    @Test
    void aRefusalIsForgottenAfterAMinuteAndAtTheEarliestFiveSecondsBefore() {
        var answers = new RecentResponses(0);
        answers.refused(0);
        answers.refused(5 * SECOND - 1);
        assertThat(answers.refusals(60 * SECOND - 1)).isEqualTo(2);
        assertThat(answers.refusals(60 * SECOND)).isZero();
        answers.refused(300 * SECOND);
        assertThat(answers.refusals(300 * SECOND)).isEqualTo(1);
        assertThat(answers.share(300 * SECOND)).isEqualTo(1);
    }

    @Property(tries = 200)
    void itCountsWhatAPlainListCounts(@ForAll long seed) {
        var random = new Random(seed);
        long origin = random.nextBoolean() ? Long.MAX_VALUE - random.nextInt(300) * SECOND : random.nextLong();
        var answers = new RecentResponses(origin);
        List<Answer> all = new ArrayList<>();
        long after = 0;
        for (int i = 0; i < 200; i++) {
            switch (random.nextInt(5)) {
                case 0, 1 -> {
                    answers.accepted(origin + after);
                    all.add(new Answer(after, false));
                }
                case 2 -> {
                    answers.refused(origin + after);
                    all.add(new Answer(after, true));
                }
                case 3 -> after += random.nextInt(3000) * MILLI;
                default -> after += random.nextInt(10) == 0 ? random.nextInt(100) * SECOND : 1;
            }
            long now = after;
            // The step of five seconds that it is now, and the eleven before.
            List<Answer> counted = all.stream()
                    .filter(a -> now / (5 * SECOND) - a.at / (5 * SECOND) < 12).toList();
            long refused = counted.stream().filter(Answer::refused).count();
            assertThat(answers.refusals(origin + now)).isEqualTo((int) refused)
                    .isBetween(refusedWithin(all, 55 * SECOND, now), refusedWithin(all, 60 * SECOND, now));
            assertThat(answers.share(origin + now))
                    .isCloseTo(refused == 0 ? 0 : (double) refused / counted.size(), within(1e-12));
        }
    }

    private static int refusedWithin(List<Answer> all, long span, long now) {
        return (int) all.stream().filter(a -> a.refused && now - a.at <= span).count();
    }
}
