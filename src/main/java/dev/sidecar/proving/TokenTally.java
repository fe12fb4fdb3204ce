package dev.sidecar.proving;

import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.order.Priority;
import java.time.Duration;

/** What happens during a trial with tokens, counted from when the measurement begins. Not thread-safe. */
final class TokenTally {

    private final NanoClock clock;
    private final Waits high = new Waits();
    private final Waits normal = new Waits();
    private final Waits low = new Waits();
    private final Waits largest = new Waits();
    private long beganNanos;
    private boolean begun;
    private long tokens;
    private long accepted;
    private long refused;
    private long visible;
    private long tooLow;
    private long demandedNanos;
    /** What is reserved beyond use since {@link #unusedSince}, and the sum of it over time until then. */
    private long unused;
    private long unusedSince;
    private double unusedSum;

    /** @param clock the time of the trial */
    TokenTally(NanoClock clock) {
        this.clock = clock;
    }

    void begin() {
        begun = true;
        beganNanos = clock.nanoTime();
        unusedSince = beganNanos;
    }

    /** Requests waited for this time. */
    void waited(long nanos) {
        demandedNanos += begun ? nanos : 0;
    }

    /** A client got a 429. */
    void turnedAway() {
        visible += begun ? 1 : 0;
    }

    void refused() {
        refused += begun ? 1 : 0;
    }

    /** @param wait from the first arrival to the slot that was accepted */
    void accepted(Priority priority, TokenCaller.Request request, long reserved, Duration wait) {
        if (begun) {
            accepted++;
            tokens += request.tokens();
            tooLow += request.tokens() > reserved ? 1 : 0;
            switch (priority) {
                case HIGH -> high.add(wait);
                case NORMAL -> normal.add(wait);
                case LOW -> low.add(wait);
            }
            if (request.isLarge() && priority != Priority.LOW) {
                largest.add(wait);
            }
        }
    }

    /** An attempt begins or ends that has reserved so much beyond its use; negative at its end. */
    void unused(long change) {
        long now = clock.nanoTime();
        unusedSum += (double) (now - unusedSince) * unused;
        unusedSince = now;
        unused += change;
        if (!begun) {
            unusedSum = 0;
        }
    }

    /** @param limit tokens a minute */
    TokensFigures figures(long limit) {
        unused(0);
        return new TokensFigures(tokens, accepted, refused, visible, demandedNanos, high, normal, low, largest,
                unusedSum / (clock.nanoTime() - beganNanos) / limit, tooLow);
    }
}
