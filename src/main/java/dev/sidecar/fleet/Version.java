package dev.sidecar.fleet;

import java.util.Comparator;

/**
 * The version of a {@link Table}: a later one of the same leader, or one of a later leader, is higher. Immutable.
 *
 * @param epoch of the leader's lease
 * @param leader its home, which tells two leaders apart whom a Redis that lost data gave the same epoch
 * @param number counts the tables of this leader
 */
public record Version(long epoch, String leader, long number) implements Comparable<Version> {

    /** Before every table. */
    static final Version NONE = new Version(0, "", 0);

    private static final Comparator<Version> ORDER = Comparator.comparingLong(Version::epoch)
            .thenComparing(Version::leader).thenComparingLong(Version::number);

    @Override
    public int compareTo(Version other) {
        return ORDER.compare(this, other);
    }
}
