package dev.sidecar.proving;

import dev.sidecar.throttle.order.ThrottleSnapshot;

/**
 * What came of a trial.
 *
 * @param accepted requests that the provider let in
 * @param takenByOthers requests of others on the same key that it let in
 * @param refused requests that it answered 429
 * @param visible clients that were answered 429
 * @param demandedNanos for how long somebody waited
 * @param end how the throttle stood when it was over
 * @param high how long requests of high class waited for their slot; {@code normal}, {@code low} likewise
 */
record Figures(long accepted, long takenByOthers, long refused, long visible, long demandedNanos, Waits high,
        Waits normal, Waits low, ThrottleSnapshot end) {

    /** The part of all answers that were refusals. */
    double refusedShare() {
        return accepted + refused == 0 ? 0 : (double) refused / (accepted + refused);
    }
}
