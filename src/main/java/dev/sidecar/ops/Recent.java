package dev.sidecar.ops;

import dev.sidecar.throttle.NanoClock;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Something that is computed at most once a second, so that all gauges of one scrape read the same. Two threads that
 * come first may compute it twice. Thread-safe.
 */
final class Recent<T> implements Supplier<T> {

    private static final Duration FRESH = Duration.ofSeconds(1);

    private final Supplier<T> source;
    private final NanoClock clock;
    private volatile @Nullable Computed<T> latest;

    Recent(Supplier<T> source, NanoClock clock) {
        this.source = source;
        this.clock = clock;
    }

    @Override
    public T get() {
        long now = clock.nanoTime();
        var known = latest;
        if (known == null || now - known.nanos >= FRESH.toNanos()) {
            known = new Computed<>(source.get(), now);
            latest = known;
        }
        return known.value;
    }

    private record Computed<T>(T value, long nanos) {
    }
}
