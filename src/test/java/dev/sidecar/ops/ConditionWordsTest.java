package dev.sidecar.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.ThrottleSettings;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What all views say of the sidecar's state. */
class ConditionWordsTest {

    private static final Instant NOW = Instant.parse("2026-11-30T14:32:10Z");
    private static final BigDecimal AT_1402 = new BigDecimal("1796047325.250");

    private final Throttle<String> throttle = new Throttle<>(new ThrottleSettings(40, 40, Pacing.WINDOW, 500,
            Duration.ofSeconds(150), Duration.ofSeconds(2), false), () -> 0);

    static Stream<Arguments> causes() {
        return Stream.of(
                Arguments.of(new Cause.ShuttingDown(), "Shutting down: new requests are refused."),
                Arguments.of(new Cause.CircuitOpen(null, 12, 0, 12, "connection refused", 8.2),
                        "Circuit open: 12 of 12 calls failed (latest: connection refused); next probe in 8 s."),
                Arguments.of(new Cause.CircuitOpen(null, 0, 11, 12, null, 8.2),
                        "Circuit open: 11 of 12 calls took too long; next probe in 8 s."),
                Arguments.of(new Cause.CircuitOpen(null, 0, 0, 0, null, 0),
                        "Circuit open: nothing is sent; next probe with the next request."),
                Arguments.of(new Cause.KeyRefused("team-a", 401, AT_1402),
                        "Provider refuses key team-a (401) since 14:02 UTC."),
                Arguments.of(new Cause.UpstreamUnreachable(null, AT_1402, null),
                        "Provider unreachable since 14:02 UTC."),
                Arguments.of(
                        new Cause.UpstreamUnreachable(null, AT_1402.subtract(BigDecimal.valueOf(2 * 86_400)),
                                "connection refused"),
                        "Provider unreachable since 28 Nov 14:02 UTC: connection refused."),
                Arguments.of(new Cause.BudgetStands(),
                        "Nothing is sent, although requests wait and the budget is free."),
                Arguments.of(new Cause.QueueNearlyFull(460, 500), "Queue nearly full: 460 of 500 places are taken."),
                Arguments.of(new Cause.CircuitHalfOpen(null), "Circuit half open: a few requests probe the provider."),
                Arguments.of(new Cause.CircuitOpen("ours", 12, 0, 12, "status 503", 8.2),
                        "Circuit of ours open: 12 of 12 calls failed (latest: status 503); next probe in 8 s."),
                Arguments.of(new Cause.UpstreamUnreachable("ours", AT_1402, null),
                        "Provider ours unreachable since 14:02 UTC."),
                Arguments.of(new Cause.CircuitHalfOpen("ours"),
                        "Circuit of ours half open: a few requests probe the provider."),
                Arguments.of(new Cause.ProviderOut("ours", State.CIRCUIT_OPEN, null, null, 0.0, List.of("a", "b")),
                        "Provider ours is out: circuit open, next probe with the next request; a, b serve."),
                Arguments.of(new Cause.ProviderOut("ours", State.KEY_REFUSED, null, null, null, List.of("a")),
                        "Provider ours is out: it refuses every key; a serves."),
                Arguments.of(
                        new Cause.ProviderOut("ours", State.UPSTREAM_UNREACHABLE, AT_1402, "connection refused", null,
                                List.of("a")),
                        "Provider ours is out: unreachable since 14:02 UTC (latest: connection refused); a serves."),
                Arguments.of(new Cause.KeyOut("ours", "team-a", 401, AT_1402),
                        "Provider ours refuses key team-a (401) since 14:02 UTC."),
                Arguments.of(new Cause.KeyPaused(List.of("team-a"), 34), "Key team-a pauses for another 34 s."),
                Arguments.of(new Cause.KeyPaused(List.of("team-a", "team-b"), 34),
                        "Keys team-a, team-b pause, the first for another 34 s."),
                Arguments.of(new Cause.Paused(100),
                        "Paused: the provider refused, so nothing is sent for another 1 min 40 s."),
                Arguments.of(new Cause.KeyRefusedForModel("team-a", 403, "meta/llama\u001b[31m", AT_1402),
                        "Provider refuses key team-a (403) for model meta/llama?[31m since 14:02 UTC."),
                Arguments.of(new Cause.KeyRefusedForModel("team-a", 403, null, AT_1402),
                        "Provider refuses key team-a (403) for a request since 14:02 UTC."),
                Arguments.of(new Cause.RateLowered(30.5, 40), "Rate lowered to 30.5 of 40 a minute."),
                Arguments.of(new Cause.RoutesRefused("proxy.camel.yaml:3:5: no such step", 2, AT_1402),
                        "Route edit of 14:02 UTC refused: proxy.camel.yaml:3:5: no such step (2 more)."),
                Arguments.of(new Cause.ConfigRefused("sidecar.yaml:4:5: unknown field", 0, AT_1402),
                        "Edit of the clients of 14:02 UTC refused: sidecar.yaml:4:5: unknown field."),
                Arguments.of(new Cause.StateUnwritten("FileSystemException: no space left on device", AT_1402),
                        "State cannot be written since 14:02 UTC: FileSystemException: no space left on device."),
                Arguments.of(new Cause.FleetAlone("a", 14),
                        "Replica a is alone: it cannot reach its fleet, and sends its own part, 14 a minute."),
                Arguments.of(new Cause.NoShare("a"),
                        "Replica a cannot reach its fleet and has no part of the limit: it sends nothing."));
    }

    @ParameterizedTest
    @MethodSource("causes")
    void theWorstCauseIsTheHeadlineAndItsMeaningTheDetail(Cause cause, String headline) {
        assertThat(words(cause).headline()).isEqualTo(headline);
        assertThat(words(cause).detail()).isNotEmpty().endsWith(".").doesNotContain(headline);
    }

    @Test
    void eachFurtherCauseIsInTheDetail() {
        var words = words(new Cause.Paused(34), new Cause.RateLowered(30, 40), new Cause.Waiting(38, 17.3));
        assertThat(words.headline()).isEqualTo("Paused: the provider refused, so nothing is sent for another 34 s.");
        assertThat(words.detail()).isEqualTo(
                "Requests that wait keep their places. Rate lowered to 30 of 40 a minute. 38 wait, longest 17 s.");
    }

    @Test
    void servingIsSaidWithWhatIsFree() {
        assertThat(words().headline()).isEqualTo("Serving.");
        assertThat(words().detail()).isEqualTo("Nobody waits. 40 of 40 slots are free.");
    }

    @Test
    void servingIsSaidWithTheNextSlotAndThoseWhoWait() {
        throttle.drain();
        throttle.enqueue(((Admission.Queued<String>) throttle.admit(Priority.HIGH, null)).ticket(), "waits");
        assertThat(words(new Cause.Waiting(38, 17)).headline()).isEqualTo("Serving. Next slot in 1 min 1 s.");
        assertThat(words(new Cause.Waiting(38, 17)).detail()).isEqualTo("38 wait, longest 17 s.");
        assertThat(words(new Cause.Waiting(1, 0.3)).detail()).isEqualTo("1 waits, longest under 1 s.");
    }

    private ConditionWords words(Cause... causes) {
        return new ConditionWords(List.of(causes), throttle.snapshot(), NOW);
    }
}
