package dev.sidecar.proving;

/**
 * The figures of a trial with tokens.
 *
 * @param tokens those of the requests that the provider accepted
 * @param accepted requests that it accepted
 * @param refused requests that got a 429 from it
 * @param visible clients that got a 429
 * @param demandedNanos how long at least one request waited
 * @param high the waits of high requests; {@code normal} and {@code low} likewise
 * @param largest those of the largest prompts that are not low
 * @param unused the mean share of the limit that was reserved beyond use, 0 to 1
 * @param tooLow accepted requests that cost more than was reserved for them
 */
record TokensFigures(long tokens, long accepted, long refused, long visible, long demandedNanos, Waits high,
        Waits normal, Waits low, Waits largest, double unused, long tooLow) {
}
