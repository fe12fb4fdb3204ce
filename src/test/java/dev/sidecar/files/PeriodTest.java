package dev.sidecar.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeriodTest {

    @ParameterizedTest
    @CsvSource({"10s, PT10S", "1m, PT1M", "12h, PT12H", "31d, PT744H", "99999999d, PT2399999976H"})
    void aPeriodIsANumberAndAUnit(String text, Duration period) {
        assertThat(Period.of(text)).isEqualTo(period);
    }
}
