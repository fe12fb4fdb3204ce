package dev.sidecar.ingress;

import java.time.Duration;

/**
 * The time limits of a client, one for each kind of slowness. Immutable.
 *
 * @param header from a header block's first byte to its end
 * @param idle the longest silence of a connection without a request under way
 * @param bodyGrace how long a request body may come in at any pace
 * @param bodyBytesPerSecond the average pace that a body must have reached after the grace
 * @param linger how long further bytes of a refused client are read and thrown away, so that it can read its refusal
 */
public record IngressLimits(Duration header, Duration idle, Duration bodyGrace, int bodyBytesPerSecond,
        Duration linger) {

    public static final IngressLimits PRODUCTION = new IngressLimits(Duration.ofSeconds(15), Duration.ofSeconds(75),
            Duration.ofSeconds(15), 16 * 1024, Duration.ofSeconds(2));

    /** The time after which a body with this many received bytes is too slow. */
    Duration bodyLimit(long bytes) {
        return bodyGrace.plusMillis(bytes * 1000 / bodyBytesPerSecond);
    }
}
