package dev.sidecar.throttle.order;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which class gets the slot: the highest that waits. While they wait, {@code normal} gets at least every tenth slot and
 * {@code low} at least every twentieth. Deterministic: at each grant every waiting class gains credit (2 and 1), and at
 * 20 it is due. Being served costs 20; a class that no longer waits has no credit. Not thread-safe.
 */
public final class ClassFloors {

    private static final int DUE = 20;
    private static final Priority[] CLASSES = Priority.values();

    private final long[] credit = new long[CLASSES.length];

    /**
     * The class to serve among the permitted ones: the class that is due (the larger credit first, then the higher
     * class), otherwise the highest; null if none is permitted. Changes nothing.
     *
     * @param waits whether a class has a ready request
     * @param mayGo whether a waiting class may be served now
     */
    @Nullable
    Priority choose(Predicate<Priority> waits, Predicate<Priority> mayGo) {
        Priority highest = null;
        Priority due = null;
        for (Priority each : CLASSES) {
            if (waits.test(each) && mayGo.test(each)) {
                highest = highest == null ? each : highest;
                long credited = credit[each.rank()] + gain(each);
                if (credited >= DUE && (due == null || credited > credit[due.rank()] + gain(due))) {
                    due = each;
                }
            }
        }
        return due == null ? highest : due;
    }

    /** A slot went to this class; first, every waiting class gains its credit, this one included. */
    void served(Priority served, Predicate<Priority> waits) {
        for (Priority each : CLASSES) {
            if (waits.test(each)) {
                credit[each.rank()] += gain(each);
            }
        }
        credit[served.rank()] = Math.max(0, credit[served.rank()] - DUE);
    }

    /** No request of this class is ready any more. */
    void emptied(Priority priority) {
        credit[priority.rank()] = 0;
    }

    /**
     * About the largest number of lower requests that the floors let in while this many requests of a class and above
     * are served.
     */
    int mostBelow(int served) {
        return served * 3 / 17;
    }

    /** An independent copy of the current state. */
    ClassFloors copy() {
        ClassFloors copy = new ClassFloors();
        System.arraycopy(credit, 0, copy.credit, 0, credit.length);
        return copy;
    }

    /** The smallest number of slots after which the n-th request of a class can be served because its class is due. */
    long slotsUntilDue(Priority priority, int nth) {
        int gain = gain(priority);
        return gain == 0
                ? Long.MAX_VALUE
                : Math.max(nth, Math.ceilDiv((long) DUE * nth - credit[priority.rank()], gain));
    }

    private static int gain(Priority priority) {
        return switch (priority) {
            case HIGH -> 0;
            case NORMAL -> 2;
            case LOW -> 1;
        };
    }
}
