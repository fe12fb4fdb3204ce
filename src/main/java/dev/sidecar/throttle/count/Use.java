package dev.sidecar.throttle.count;

import java.time.Duration;

/**
 * An amount that counts, apart from the process that has counted it. Immutable.
 *
 * @param age since it was used, never more than it is
 */
public record Use(Duration age, long amount) {

    /** The same after some time without use, at least 0. */
    public Use after(Duration passed) {
        return new Use(age.plus(passed), amount);
    }
}
