package dev.sidecar.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionTest {

    @ParameterizedTest
    @CsvSource({"'', '', 0", "abc, abc, 0", "abc, '', 3", "abc, abd, 1", "abc, acb, 1", "abc, xabc, 1", "abc, ac, 1",
            "rate-rmp, rate-rpm, 1", "kitten, sitting, 3"})
    void distanceCountsSlips(String a, String b, int slips) {
        assertThat(Suggestion.distance(a, b)).isEqualTo(slips);
    }

    @Property(tries = 200)
    void distanceIsTheSameBothWaysAndNoLongerThanTheLongerWord(
            @ForAll @CharRange(from = 'a', to = 'c') @StringLength(max = 8) String a,
            @ForAll @CharRange(from = 'a', to = 'c') @StringLength(max = 8) String b) {
        assertThat(Suggestion.distance(a, b)).isEqualTo(Suggestion.distance(b, a))
                .isBetween(Math.abs(a.length() - b.length()), Math.max(a.length(), b.length()));
        assertThat(Suggestion.distance(a, b) == 0).isEqualTo(a.equals(b));
    }

    @Test
    void theNearestIsSuggestedAndNothingFarOff() {
        var names = List.of("queue-max", "rate-rpm", "low-timeout");
        assertThat(Suggestion.of("rate-rmp", names)).contains("rate-rpm");
        assertThat(Suggestion.of("queuemax", names)).contains("queue-max");
        assertThat(Suggestion.of("state-dir", names)).isEmpty();
        assertThat(Suggestion.of("x", names)).isEmpty();
    }
}
