package dev.sidecar.ingress;

import java.time.Duration;

/**
 * How long a client may take, each limit for its own kind of slowness. Immutable.
 *
 * @param header from a header block's first byte to its end
 * @param idle silence of a connection on which no request is under way
 * @param bodyGrace how long a request body may come in at any pace
 * @param bodyBytesPerSecond the pace that a body must have reached after the grace, on average
 * @param linger how long what a refused client still sends is read and thrown away, so that it can read its refusal
 */
public record IngressLimits(Duration header, Duration idle, Duration bodyGrace, int bodyBytesPerSecond,
        Duration linger) {

    public static final IngressLimits PRODUCTION = new IngressLimits(Duration.ofSeconds(15), Duration.ofSeconds(75),
            Duration.ofSeconds(15), 16 * 1024, Duration.ofSeconds(2));

    /** When a body of which so many bytes have come in is too slow. */
    Duration bodyLimit(long bytes) {
        return bodyGrace.plusMillis(bytes * 1000 / bodyBytesPerSecond);
    }
}
