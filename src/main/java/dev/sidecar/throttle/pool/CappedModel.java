package dev.sidecar.throttle.pool;

/**
 * A model of which no more than so many requests are sent at a time, because the provider refused more; for the operator.
 *
 * @param cap how many may be in flight, at least 1
 * @param inFlight how many are; more than {@code cap} while those of before the refusal go on
 * @param waiting how many wait in the queue and could be sent as far as they are concerned
 */
public record CappedModel(String model, int cap, int inFlight, int waiting) {
}
