package dev.sidecar.throttle.order;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A waiting request as an operator sees it, without its content.
 *
 * @param client the name of its client
 * @param model as its caller wrote it, null if unknown
 * @param age since its admission
 * @param start how long until it is probably sent; empty if unknown, for example when its model is full
 * @param deadline how long until it is refused if it has not been sent
 * @param tries the number of the attempt it waits for, from 1
 */
public record WaitingRequest(Priority priority, String client, @Nullable String model, Duration age,
        Optional<Duration> start, Duration deadline, int tries, Reason reason) {

    /** What it waits for. */
    public enum Reason {
        /** Its turn. */
        TURN,
        /** Tokens of its account, for itself or for those before it. */
        TOKENS,
        /** The end of its back-off before a further attempt. */
        BACKOFF,
        /** The end of a request of its model in flight, since the provider runs no more at a time. */
        MODEL,
        /** The client's own limit. */
        CLIENT
    }
}
