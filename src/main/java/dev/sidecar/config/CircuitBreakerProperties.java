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
 * When the provider counts as failing, and how long nothing is sent to it afterwards. Each property {@code
 * sidecar.circuit-breaker.some-name} is the environment variable {@code SIDECAR_CIRCUIT_BREAKER_SOME_NAME}; durations
 * without a unit are seconds. Immutable.
 *
 * @param windowType the unit of the window for the rates
 * @param windowSize number of calls, or of seconds
 * @param minimumCalls with fewer calls in the window the circuit stays closed
 * @param failureRate percentage of failed calls from which on the circuit opens
 * @param slowCallRate percentage of slow calls from which on the circuit opens; without {@code slowCall} no call is
 *        slow
 * @param slowCall a call is slow if the head of its response takes longer than this; by default no call is slow,
 *        because a model that thinks for long is not failing
 * @param openFor how long the circuit stays open before it is probed
 * @param probes how many probes are let through then; their outcome closes the circuit or opens it again
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

    /** The unit of a window. */
    public enum WindowType {
        /** A number of calls. */
        COUNT,
        /** The calls of a number of seconds. */
        TIME
    }

    /** The time after which a call is slow, or {@code never} if no call is. */
    public Duration slowCallOr(Duration never) {
        return slowCall == null ? never : slowCall;
    }
}
