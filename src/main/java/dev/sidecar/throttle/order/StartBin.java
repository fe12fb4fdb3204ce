package dev.sidecar.throttle.order;

/**
 * How many waiting requests start within one second.
 *
 * @param seconds from now to the beginning of that second; the last possible bin has no end, and also holds requests
 *        without an estimate
 */
public record StartBin(int seconds, int high, int normal, int low) {
}
