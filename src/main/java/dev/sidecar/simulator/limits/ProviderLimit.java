package dev.sidecar.simulator.limits;

import java.time.Duration;

/**
 * The shape in which a provider counts its callers' requests. Implementations read no clock and take no lock: the
 * caller passes the time (nanoseconds of a monotonic clock, which may overflow), never backwards, and calls from one
 * thread at a time.
 */
public interface ProviderLimit {

    /** Decides on one request that arrived at {@code nowNanos} and counts it. */
    Decision decide(Request request, long nowNanos);

    /** An accepted request's answer has ended, however it did; to be said once for each. */
    default void ended(Request request, long nowNanos) {
    }

    /** What is left at this time, as far as a provider that has {@code x-ratelimit-*} headers would tell. */
    Standing standing(long nowNanos);

    /** How many requests of others on the same key were accepted until this time. */
    default long takenByOthers(long nowNanos) {
        return 0;
    }

    /** What a limit may tell requests apart by; {@code model} is empty where the body names none. */
    record Request(String path, String model) {
    }

    /**
     * The state of the key.
     *
     * @param limit requests a window, as the provider announces it
     * @param remaining requests that would be let in at once now, at least 0
     * @param untilFull until nothing would be counted any more if no request came; zero if nothing is
     */
    record Standing(int limit, int remaining, Duration untilFull) {
    }

    /** The provider's word on one request. */
    sealed interface Decision {

        /** Let in. */
        record Accepted() implements Decision {
        }

        /**
         * Turned away for the rate of the key; the same request would be let in after {@code retryAfter} if no other
         * came before it.
         */
        record Refused(Duration retryAfter) implements Decision {

            public Refused {
                if (!retryAfter.isPositive()) {
                    throw new IllegalArgumentException("a refusal's retryAfter must be positive, got " + retryAfter);
                }
            }
        }

        /** Turned away because the model's workers are busy, whoever keeps them so; nobody knows for how long. */
        record WorkersBusy(int cap) implements Decision {

            /** In the provider's words. */
            public String message() {
                return "ResourceExhausted: Worker local total request limit reached (" + cap + "/" + cap + ")";
            }
        }
    }
}
