package dev.sidecar.reload;

import java.time.Duration;

/**
 * How closely the folder of routes is watched.
 *
 * @param lookEvery between two looks at it; while it is being written, it is looked at sooner
 * @param quietFor how long nothing must have been written before it is read
 */
public record WatchPace(Duration lookEvery, Duration quietFor) {

    /** Live within two seconds, long enough for an editor that writes in two steps, and next to no work. */
    public static final WatchPace PRODUCTION = new WatchPace(Duration.ofMillis(800), Duration.ofMillis(400));

    /** After a look at what is being written. */
    Duration untilQuiet() {
        return quietFor.compareTo(lookEvery) < 0 ? quietFor : lookEvery;
    }
}
