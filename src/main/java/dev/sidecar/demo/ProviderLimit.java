package dev.sidecar.demo;

import java.time.Duration;

/**
 * The shape in which a provider counts its callers' requests. Implementations read no clock and take no lock: the
 * caller passes the time, never backwards, and calls from one thread at a time.
 */
public interface ProviderLimit {

    /** Decides on one request that arrived at {@code nowNanos} (a monotonic reading) and counts it. */
    Decision decide(Request request, long nowNanos);

    /** What a limit may tell requests apart by; {@code model} is empty where the body names none. */
    record Request(String path, String model) {
    }

    /** The provider's word on one request. */
    sealed interface Decision {

        /** Let in. */
        record Accepted() implements Decision {
        }

        /** Turned away; the same request would be let in after {@code retryAfter} if no other came before it. */
        record Refused(Duration retryAfter) implements Decision {

            public Refused {
                if (!retryAfter.isPositive()) {
                    throw new IllegalArgumentException("a refusal's retryAfter must be positive, got " + retryAfter);
                }
            }
        }
    }
}
