package dev.sidecar.throttle.pool;

/**
 * A model with a cap on its requests in flight, because the provider refused more; for the operator.
 *
 * @param cap how many may be in flight, at least 1
 * @param inFlight how many are in flight; more than {@code cap} while earlier requests continue
 * @param waiting how many wait in the queue only for this cap or for their turn
 */
public record CappedModel(String model, int cap, int inFlight, int waiting) {
}
