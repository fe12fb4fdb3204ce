package dev.sidecar.config;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.convert.DurationUnit;
import org.springframework.validation.annotation.Validated;

/**
 * When the provider counts as failing, and for how long nothing is sent to it then. Each property
 * {@code sidecar.circuit-breaker.some-name} is the environment variable {@code SIDECAR_CIRCUIT_BREAKER_SOME_NAME};
 * durations without a unit are seconds. Immutable.
 *
 * @param windowType what the rates are taken over
 * @param windowSize number of calls, or of seconds
 * @param minimumCalls calls in the window below which nothing is judged
 * @param failureRate percentage of failed calls from which on the circuit opens
 * @param slowCallRate percentage of slow calls from which on the circuit opens; without {@code slowCall} there are none
 * @param slowCall how long the head of a response takes for the call to count as slow; unless given, no call does, since a
 *        model that thinks for long is not failing
 * @param openFor how long the circuit stays open before it is probed
 * @param probes requests that are let through then; their outcome closes or opens it again
 */
@Validated
@ConfigurationProperties("sidecar.circuit-breaker")
public record CircuitBreakerProperties(
        @DefaultValue("count") WindowType windowType,
        @Min(1) @Max(100_000) @DefaultValue("20") int windowSize,
        @Min(1) @Max(100_000) @DefaultValue("10") int minimumCalls,
        @Min(1) @Max(100) @DefaultValue("50") int failureRate,
        @Min(1) @Max(100) @DefaultValue("100") int slowCallRate,
        @DurationMin(millis = 1) @DurationMax(seconds = 3600) @DurationUnit(ChronoUnit.SECONDS) @Nullable Duration slowCall,
        @DurationMin(millis = 1) @DurationMax(seconds = 3600) @DurationUnit(ChronoUnit.SECONDS) @DefaultValue("10") Duration openFor,
        @Min(1) @Max(1000) @DefaultValue("3") int probes) {

    /** What a window is made of. */
    public enum WindowType {
        /** The last so many calls. */
        COUNT,
        /** The calls of the last so many seconds. */
        TIME
    }

    /** How long a call may take before it counts as slow, and {@code never} where none is to. */
    public Duration slowCallOr(Duration never) {
        return slowCall == null ? never : slowCall;
    }
}
