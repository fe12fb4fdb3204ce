package dev.sidecar.throttle.order;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One of those who wait, as an operator sees it: never what it says, nor who says it.
 *
 * @param model as its caller wrote it, null if that is not known
 * @param age since its admission
 * @param start how long until it is probably sent; empty if that cannot be said, as for one whose model is full
 * @param tries which try it waits for, from 1
 */
public record WaitingRequest(Priority priority, @Nullable String model, Duration age, Optional<Duration> start,
        int tries, Reason reason) {

    /** What it waits for. */
    public enum Reason {
        /** Its turn. */
        TURN,
        /** The end of its back-off before a further try. */
        BACKOFF,
        /** One of its model in flight to end, since the provider runs no more of them at a time. */
        MODEL
    }
}
