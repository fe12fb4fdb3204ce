package dev.sidecar.proving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.proving.Case.Operator;
import dev.sidecar.proving.Case.Target;
import dev.sidecar.simulator.limits.Shapes;
import dev.sidecar.throttle.budget.Pacing;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A few rounds of the proving run; all of it, with more rounds, is {@code ./mvnw -Pproving verify}. */
class ProvingRunTest {

    private static final int RUNS = 1;
    private static final Operator USUAL = new Operator(40, 40, 1000);

    static Stream<Case> cases() {
        return Cases.all(USUAL).stream().filter(each -> each.target().isPresent())
                .filter(each -> each.settings().pacing() == Pacing.AUTO);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theTargetIsMet(Case tried) {
        var outcome = ProvingRun.outcome(tried, RUNS);
        assertThat(tried.target()).hasValueSatisfying(target -> assertThat(target.isMet(outcome))
                .as("%s before %s: %s gave %s", tried.name(), tried.shape().name(), target, outcome).isTrue());
    }

    @Test
    void theTableSaysWhatWasMissedAndSoDoesItsResult() {
        var impossible = Optional.of(new Target(0.999, 0, 1, false, 0));
        var tried = Case.of("too much", USUAL, Pacing.PACED, Shapes.slidingLog(40), Demand.FULL, 1, impossible);
        var bytes = new ByteArrayOutputStream();
        var run = new ProvingRun(List.of(tried), List.of(), List.of(), 1,
                new PrintStream(bytes, true, StandardCharsets.UTF_8));
        assertThat(run.run()).isFalse();
        assertThat(bytes.toString(StandardCharsets.UTF_8)).contains("too much", "sliding-log", "97.5", "MISSED",
                "Not every target was met");
    }

    @Test
    void theSameSeedsGiveTheSameFigures() {
        var tried = Case.of("twice", USUAL, Pacing.AUTO, Shapes.fixedWindow(32), Demand.ON_OFF, 1, Optional.empty());
        assertThat(ProvingRun.outcome(tried, 2)).isEqualTo(ProvingRun.outcome(tried, 2));
    }
}
