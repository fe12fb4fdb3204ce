package dev.sidecar.reload;

import java.time.Duration;

/**
 * How closely the folder of routes is watched.
 *
 * @param lookEvery between two looks at it
 * @param quietFor how long nothing must have been written before it is read
 */
public record WatchPace(Duration lookEvery, Duration quietFor) {

    /** Live within two seconds, long enough for an editor that writes in two steps, and next to no work. */
    public static final WatchPace PRODUCTION = new WatchPace(Duration.ofMillis(500), Duration.ofMillis(450));
}
