package dev.sidecar.fleet.redis;

import java.time.Duration;

/**
 * A message to oneself that shows whether both connections work, and how long a message takes. At most one is on its way. While
 * others get through on both connections it may take its time behind them.
 *
 * <p>One thread sends. Others see what comes back.
 */
final class Pulse {

    private volatile boolean away;
    private volatile long sentNanos;
    private volatile long repliedNanos;
    private volatile long arrivedNanos;
    private volatile Duration lastRoundTrip = Duration.ZERO;
    /** How often it was still away when it was looked for. Only the thread that sends uses it. */
    private int looks;

    void sent(long now) {
        sentNanos = now;
        repliedNanos = now;
        arrivedNanos = now;
        looks = 0;
        away = true;
    }

    /** Redis replied to what was sent, whatever it was. */
    void replied(long now) {
        repliedNanos = now;
    }

    /** A message of anybody was received. */
    void arrived(long now) {
        arrivedNanos = now;
    }

    void returned(long now) {
        arrivedNanos = now;
        if (away) {
            lastRoundTrip = Duration.ofNanos(now - sentNanos);
            away = false;
        }
    }

    boolean isAway() {
        return away;
    }

    /**
     * Whether the message is away, and one of the connections silent for longer than patience. A first look never says so: where
     * the process itself stood still, nothing was read meanwhile.
     */
    boolean isMissed(long now, Duration patience) {
        return away && ++looks > 1 && Math.max(now - repliedNanos, now - arrivedNanos) > patience.toNanos();
    }

    /** Zero before the first return. */
    Duration lastRoundTrip() {
        return lastRoundTrip;
    }
}
