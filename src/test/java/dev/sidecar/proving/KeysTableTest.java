package dev.sidecar.proving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.proving.Case.Operator;
import dev.sidecar.proving.KeysCase.LimitedKey;
import dev.sidecar.proving.KeysCase.Network;
import dev.sidecar.proving.KeysCase.Target;
import dev.sidecar.simulator.limits.Shapes;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A round of the proving run with several keys. */
class KeysTableTest {

    private static final LimitedKey FORTY = new LimitedKey(40, 40, Shapes.slidingLog(40));

    static List<KeysCase> cases() {
        return KeysCases.all(new Operator(40, 40, 1000));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theTargetIsMet(KeysCase tried) {
        var outcome = new KeysTable(List.of(), 1).outcome(tried);
        assertThat(tried.isMet(outcome)).as("%s: %s gave %s", tried.name(), tried.target(), outcome).isTrue();
    }

    @Test
    void everyWayOfCountingIsTriedBesideASlidingLog() {
        assertThat(cases()).filteredOn(each -> each.name().equals("40 and 20"))
                .allSatisfy(each -> assertThat(each.keys().getFirst().shape().name()).isEqualTo("sliding-log"))
                .extracting(each -> each.keys().get(1).shape().name()).contains("sliding-log", "strict-sliding-log",
                        "fixed-window", "first-hit-window", "sliding-counter", "token-bucket", "token-bucket-7",
                        "token-bucket-2", "sub-window");
    }

    @Test
    void whatIsMissedIsSaid() {
        var impossible = new KeysCase("too much", List.of(FORTY, FORTY), Network.USUAL, 1000,
                new Target.AllUsed(0.999, 0));
        var bytes = new ByteArrayOutputStream();
        assertThat(new KeysTable(List.of(impossible), 1)
                .print(new PrintStream(bytes, true, StandardCharsets.UTF_8))).isFalse();
        assertThat(bytes.toString(StandardCharsets.UTF_8)).contains("too much", "sliding-log: 9", "of 40", "MISSED");
    }

    @Test
    void aKeyThatSendsMoreThanItsLimitMissesEveryTarget() {
        var tried = new KeysCase("over", List.of(FORTY, FORTY), Network.USUAL, 1000, new Target.Untouched(0.03));
        assertThat(tried.isMet(outcome(0.98, 40, 40))).isTrue();
        assertThat(tried.isMet(outcome(0.98, 40, 41))).isFalse();
    }

    @Test
    void theFirstKeyMayBeUsedNeitherLessNorMoreThanAlone() {
        var tried = new KeysCase("touched", List.of(FORTY, FORTY), Network.USUAL, 1000, new Target.Untouched(0.03));
        assertThat(tried.isMet(outcome(0.96, 40, 40))).isTrue();
        assertThat(tried.isMet(outcome(0.94, 40, 40))).isFalse();
        assertThat(tried.isMet(outcome(1.02, 40, 40))).isFalse();
    }

    /** @param used of the first key, which uses 98 % alone */
    private static KeysOutcome outcome(double used, int mostSent, int mostSentOfTheOther) {
        return new KeysOutcome(0.98, 0, List.of(new KeysOutcome.OfKey(used, 0, 0, mostSent),
                new KeysOutcome.OfKey(0.98, 0, 0, mostSentOfTheOther)), 0.98);
    }
}
