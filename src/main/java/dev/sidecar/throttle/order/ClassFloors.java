package dev.sidecar.throttle.order;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who gets the slot: the highest class, but while they wait, {@code normal} at least every tenth and {@code low} at
 * least every twentieth. Deterministic: at each grant every class that waits gains credit (2 and 1), at 20 it is due;
 * being served costs 20, and who no longer waits has none. Not thread-safe.
 */
public final class ClassFloors {

    private static final int DUE = 20;
    private static final Priority[] CLASSES = Priority.values();

    private final long[] credit = new long[CLASSES.length];

    /**
     * The class to serve among those that may be served: the one that is due (the larger credit first, then the higher
     * class), otherwise the highest; null if none may be served. Changes nothing.
     *
     * @param waits whether a class has somebody who is ready
     * @param mayGo whether a class that waits may be served now
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

    /** A slot went to this class; those that wait, it included, gain their credit first. */
    void served(Priority served, Predicate<Priority> waits) {
        for (Priority each : CLASSES) {
            if (waits.test(each)) {
                credit[each.rank()] += gain(each);
            }
        }
        credit[served.rank()] = Math.max(0, credit[served.rank()] - DUE);
    }

    /** Nobody of this class is ready any more. */
    void emptied(Priority priority) {
        credit[priority.rank()] = 0;
    }

    /** The most of the lower classes, about, that their floors let in while so many of a class and those above it are served. */
    int mostBelow(int served) {
        return served * 3 / 17;
    }

    /** As it stands now; what is done to the copy leaves this one alone. */
    ClassFloors copy() {
        ClassFloors copy = new ClassFloors();
        System.arraycopy(credit, 0, copy.credit, 0, credit.length);
        return copy;
    }

    /** The least number of slots after which the n-th of a class can have been served for being due. */
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
