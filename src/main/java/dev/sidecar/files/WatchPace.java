package dev.sidecar.files;

import java.time.Duration;

/**
 * How closely files are watched.
 *
 * @param lookEvery the time between two looks; shorter while the files are being written
 * @param quietFor how long nothing must have been written before they are read
 */
public record WatchPace(Duration lookEvery, Duration quietFor) {

    /** In force within two seconds, long enough for an editor that writes in two steps, and with hardly any work. */
    public static final WatchPace PRODUCTION = new WatchPace(Duration.ofMillis(800), Duration.ofMillis(400));

    /** The time until the next look while the files are being written. */
    Duration untilQuiet() {
        return quietFor.compareTo(lookEvery) < 0 ? quietFor : lookEvery;
    }
}
