package dev.sidecar.fleet;

import dev.sidecar.throttle.budget.RateLimitSignal;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A {@link RateLimitSignal} as it travels; times in milliseconds, null where the provider says nothing. Immutable. */
public record Signal(RateLimitSignal.Kind kind, @Nullable Long pause, @Nullable Integer limitPerMinute,
        @Nullable Integer remaining, @Nullable Long reset, @Nullable Long remainingTokens) {

    static Signal of(RateLimitSignal signal) {
        return new Signal(signal.kind(), signal.pause().map(Duration::toMillis).orElse(null),
                boxed(signal.limitPerMinute()), boxed(signal.remaining()),
                signal.reset().map(Duration::toMillis).orElse(null),
                signal.remainingTokens().isPresent() ? (Long) signal.remainingTokens().getAsLong() : null);
    }

    private static @Nullable Integer boxed(OptionalInt value) {
        return value.isPresent() ? (Integer) value.getAsInt() : null;
    }

    RateLimitSignal signal() {
        return new RateLimitSignal(kind, Optional.ofNullable(pause).map(Duration::ofMillis), optional(limitPerMinute),
                optional(remaining), Optional.ofNullable(reset).map(Duration::ofMillis),
                remainingTokens == null ? OptionalLong.empty() : OptionalLong.of(remainingTokens));
    }

    private static OptionalInt optional(@Nullable Integer value) {
        return value == null ? OptionalInt.empty() : OptionalInt.of(value);
    }
}
