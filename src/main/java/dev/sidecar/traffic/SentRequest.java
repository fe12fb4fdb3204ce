package dev.sidecar.traffic;

import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.budget.BudgetRule;
import dev.sidecar.throttle.order.Priority;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A request that was sent with a slot, and what has become of it. It knows nothing of its content. Thread-safe: each
 * field that changes is written once in good order, and readers may see it a moment later.
 */
public final class SentRequest {

    /** What has become of it. */
    public enum Outcome {
        /** Its response has not come, or not ended. */
        RUNNING,
        /** It is over, with a response that was no refusal and no failure. */
        DONE,
        /** The provider responded with 429. */
        REFUSED,
        /** There was no response, one of 500 and above, or one that broke off. */
        FAILED;

        /** The name in JSON. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVER_ERROR = 500;

    private final NanoClock clock;
    private final Priority priority;
    private final @Nullable String model;
    private final @Nullable String key;
    private final Duration waited;
    private final long at;
    /** When it has arrived at the latest, as far as is known. */
    private volatile long arrivedBy;
    private volatile Outcome outcome = Outcome.RUNNING;

    SentRequest(NanoClock clock, Priority priority, @Nullable String model, @Nullable String key, Duration waited,
            Duration writing) {
        this.key = key;
        this.clock = clock;
        this.priority = priority;
        this.model = model;
        this.waited = waited;
        this.at = clock.nanoTime();
        this.arrivedBy = at + Math.clamp(writing.toNanos(), BudgetRule.GUARD, BudgetRule.PERIOD);
    }

    /** The head of its response has come. */
    public void answered(int status) {
        long now = clock.nanoTime();
        if (now - arrivedBy < 0) {
            arrivedBy = now;
        }
        if (status == TOO_MANY_REQUESTS) {
            outcome = Outcome.REFUSED;
        } else if (status >= SERVER_ERROR) {
            outcome = Outcome.FAILED;
        }
    }

    /** No response has come, or it broke off. */
    public void failed() {
        if (outcome == Outcome.RUNNING) {
            outcome = Outcome.FAILED;
        }
    }

    /** It is over. */
    public void ended() {
        if (outcome == Outcome.RUNNING) {
            outcome = Outcome.DONE;
        }
    }

    /** Whether its slot has come back: the provider no longer counts it. */
    boolean isReturned(long now) {
        return now - arrivedBy >= BudgetRule.PERIOD;
    }

    Send seen(long now) {
        return new Send(Duration.ofNanos(Math.max(0, now - at)), priority, model, key, waited, outcome);
    }

    /**
     * The same at one moment.
     *
     * @param age since it was sent
     * @param model as its caller wrote it, null if unknown
     * @param key the name of the key that paid, null where there is only one
     * @param waited its time in the queue
     */
    public record Send(Duration age, Priority priority, @Nullable String model, @Nullable String key, Duration waited,
            Outcome outcome) {
    }
}
