package dev.sidecar.proving;

import dev.sidecar.throttle.order.ThrottleSnapshot;

/**
 * The figures of a trial.
 *
 * @param accepted requests that the provider accepted
 * @param takenByOthers requests of others with the same key that it accepted
 * @param refused requests that got a 429 from it
 * @param visible clients that got a 429
 * @param demandedNanos how long at least one request waited
 * @param end the state of the throttle at the end
 * @param high the waits of high requests for their slot; {@code normal}, {@code low} likewise
 */
record Figures(long accepted, long takenByOthers, long refused, long visible, long demandedNanos, Waits high,
        Waits normal, Waits low, ThrottleSnapshot end) {

    /** The part of refusals among all responses, 0 to 1. */
    double refusedShare() {
        return accepted + refused == 0 ? 0 : (double) refused / (accepted + refused);
    }
}
