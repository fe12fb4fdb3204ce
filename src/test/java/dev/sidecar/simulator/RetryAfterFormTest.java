package dev.sidecar.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.simulator.RetryAfterForm.Header;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryAfterFormTest {

    private static final Instant NOW = Instant.parse("2026-02-03T04:05:06.700Z");

    @Test
    void everyFormIsRoundedUpSoThatWhoKeepsToItIsLetIn() {
        Duration wait = Duration.ofMillis(40_500).plusNanos(1);
        assertThat(RetryAfterForm.named("seconds").header(wait, NOW)).isEqualTo(new Header("Retry-After", "41"));
        assertThat(RetryAfterForm.named("http-date").header(wait, NOW))
                .isEqualTo(new Header("Retry-After", "Tue, 03 Feb 2026 04:05:48 GMT"));
        assertThat(RetryAfterForm.named("retry-after-ms").header(wait, NOW))
                .isEqualTo(new Header("retry-after-ms", "40501"));
        assertThat(RetryAfterForm.named("none").header(wait, NOW)).isNull();
        assertThat(RetryAfterForm.named("absurd").header(wait, NOW))
                .isEqualTo(new Header("Retry-After", "999999999"));
    }

    @Test
    void whatNeedsNoRoundingIsNotRounded() {
        Instant whole = Instant.parse("2026-02-03T04:05:06Z");
        assertThat(RetryAfterForm.SECONDS.header(Duration.ofSeconds(2), whole))
                .isEqualTo(new Header("Retry-After", "2"));
        assertThat(RetryAfterForm.HTTP_DATE.header(Duration.ofSeconds(2), whole))
                .isEqualTo(new Header("Retry-After", "Tue, 03 Feb 2026 04:05:08 GMT"));
        assertThat(RetryAfterForm.RETRY_AFTER_MS.header(Duration.ofSeconds(2), whole))
                .isEqualTo(new Header("retry-after-ms", "2000"));
    }

    @ParameterizedTest
    @CsvSource({"PT0S,0s", "PT0.000001S,1ms", "PT0.12S,120ms", "PT1S,1s", "PT7.66S,7.66s", "PT59.9991S,1m0s",
            "PT10S,10s", "PT1M26.4S,1m26.4s", "PT10M0.005S,10m0.005s"})
    void durationsAreWrittenAsOpenAiWritesThem(Duration duration, String written) {
        assertThat(Gate.goDuration(duration)).isEqualTo(written);
    }
}
