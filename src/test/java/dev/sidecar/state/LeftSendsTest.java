package dev.sidecar.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.state.SendRecord.Kind;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeftSendsTest {

    private static final long SECOND = 1_000_000_000L;
    private static final long NOW = 1_000 * SECOND;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ofTwoFullWindowsTheLaterOneCounts(boolean laterFirst) throws UnknownSendsException {
        var later = new SendRecord(Kind.FULL, NOW - 10 * SECOND, 0);
        var earlier = new SendRecord(Kind.FULL, NOW - 50 * SECOND, 0);
        var records = laterFirst ? List.of(later, earlier) : List.of(earlier, later);
        assertThat(LeftSends.of(new SendRing.Content(records, 0), NOW).full()).contains(later.stamp());
    }
}
