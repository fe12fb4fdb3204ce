package dev.sidecar.simulator.limits;

import java.time.Duration;

/**
 * A provider's way of counting requests. Implementations read no clock and take no lock. The caller passes the time:
 * nanoseconds of a monotonic clock that may overflow, never backwards. Only one thread at a time may call.
 */
public interface ProviderLimit {

    /** Decides on one request that arrived at {@code nowNanos} and counts it. */
    Decision decide(Request request, long nowNanos);

    /** The response of an accepted request has ended in any way; call this once for each. */
    default void ended(Request request, long nowNanos) {
    }

    /** The state at this time, as a provider with {@code x-ratelimit-*} headers would state it. */
    Standing standing(long nowNanos);

    /** How many requests of others with the same key were accepted until this time. */
    default long takenByOthers(long nowNanos) {
        return 0;
    }

    /** The attributes of a request that a limit may use; {@code model} is empty if the body names none. */
    record Request(String path, String model) {
    }

    /**
     * The state of the key.
     *
     * @param limit requests a window, as the provider announces it
     * @param remaining requests that would be accepted at once now, at least 0
     * @param untilFull until no request counts any more, if no other comes; zero if none counts
     */
    record Standing(int limit, int remaining, Duration untilFull) {
    }

    /** The provider's decision about one request. */
    sealed interface Decision {

        /** Accepted. */
        record Accepted() implements Decision {
        }

        /**
         * Refused because of the key's rate; the same request would be accepted after {@code retryAfter} if no other
         * came first.
         */
        record Refused(Duration retryAfter) implements Decision {

            public Refused {
                if (!retryAfter.isPositive()) {
                    throw new IllegalArgumentException("a refusal's retryAfter must be positive, got " + retryAfter);
                }
            }
        }

        /** Refused because the model's workers are busy with requests of any user, for an unknown time. */
        record WorkersBusy(int cap) implements Decision {

            /** In the provider's words. */
            public String message() {
                return "ResourceExhausted: Worker local total request limit reached (" + cap + "/" + cap + ")";
            }
        }
    }
}
