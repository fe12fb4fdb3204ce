package dev.sidecar.throttle.order;

import java.time.Duration;
import java.util.Locale;

/**
 * Why a request may not be sent, in words that a client's developer can act on.
 *
 * @param retryAfter when a new request is worthwhile: whole seconds, at least 1
 * @param message names the limit that was hit, and until when
 */
public record Refusal(Reason reason, Duration retryAfter, String message) {

    /**
     * The provider fails, and for now nothing is sent to it.
     *
     * @param untilProbe until the provider is probed; below 1 s counts as 1 s
     */
    public static Refusal circuitOpen(Duration untilProbe) {
        return Refusals.circuitOpen(untilProbe.toNanos());
    }

    /** The kinds of refusal. */
    public enum Reason {
        /** The queue has its maximum length. */
        QUEUE_FULL,
        /** The deadline passed while it waited. */
        QUEUE_TIMEOUT,
        /** The deadline would pass while it waits. */
        DEADLINE_UNREACHABLE,
        /** The client's own limit of requests, tokens or waiting requests. */
        CLIENT_QUOTA,
        /** As many of the client's requests ran as may run at a time, until the deadline passed. */
        CLIENT_CONCURRENCY,
        /** The provider fails, and for now nothing is sent to it. */
        CIRCUIT_OPEN,
        /** The replica has no part of the limit. */
        NO_SHARE,
        /** The sidecar is about to stop. */
        SHUTTING_DOWN;

        private final String code = name().toLowerCase(Locale.ROOT);

        /** The code in error responses and metrics, such as {@code queue_full}. */
        public String code() {
            return code;
        }
    }
}
