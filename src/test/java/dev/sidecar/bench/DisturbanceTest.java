package dev.sidecar.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

class DisturbanceTest {

    @Test
    void whatNobodyDisturbedIsMeasuredOnce() throws IOException {
        var disturbance = new Disturbance();
        disturbance.allow(10);

        assertThat(disturbance.undisturbed(intervals(disturbance, 0.02))).isEqualTo("0.02");
        assertThat(disturbance.intervals()).containsExactly(0.02);
        assertThat(disturbance).hasToString("2 % of a core (median), 2 % at worst");
    }

    @Test
    void whatOthersDisturbedIsMeasuredAgainUntilTheyDoNot() throws IOException {
        var disturbance = new Disturbance();
        disturbance.allow(10);

        assertThat(disturbance.undisturbed(intervals(disturbance, 0.5, 0.04, 0.01, 0.0))).isEqualTo("0.01");
        assertThat(disturbance.intervals()).containsExactly(0.01);
        assertThat(disturbance)
                .hasToString("1 % of a core (median), 1 % at worst; measured again because of them: 2");
    }

    @Test
    void whereTheyNeverStopTheLeastDisturbedOfAFewCounts() throws IOException {
        var disturbance = new Disturbance();
        disturbance.allow(10);

        assertThat(disturbance.undisturbed(intervals(disturbance, 0.5, 0.2, 0.3, 0.4, 0.6))).isEqualTo("0.2");
        assertThat(disturbance.intervals()).containsExactly(0.2);
    }

    @Test
    void onlySoManyRepeatsAreAllowed() throws IOException {
        var disturbance = new Disturbance();
        disturbance.allow(1);

        assertThat(disturbance.undisturbed(intervals(disturbance, 0.5, 0.4))).isEqualTo("0.4");
        assertThat(disturbance.undisturbed(intervals(disturbance, 0.3))).isEqualTo("0.3");
    }

    @Test
    void whereNobodyCountsNothingIsMeasuredAgain() throws IOException {
        var disturbance = new Disturbance();
        disturbance.allow(10);

        assertThat(disturbance.undisturbed(intervals(disturbance, Double.NaN))).isEqualTo("NaN");
        assertThat(disturbance).hasToString("not known");
    }

    /** One after another, each so disturbed; one too many fails. */
    private static Disturbance.Interval<String> intervals(Disturbance disturbance, Double... cores) {
        Iterator<Double> next = List.of(cores).iterator();
        return () -> {
            var each = next.next();
            disturbance.add(each);
            return each.toString();
        };
    }
}
