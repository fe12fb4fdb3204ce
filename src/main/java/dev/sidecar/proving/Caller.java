package dev.sidecar.proving;

import dev.sidecar.throttle.order.ClientPolicy;
import dev.sidecar.throttle.order.Priority;

/**
 * Who sends requests during a trial. Immutable.
 *
 * @param client for whom the requests are
 * @param priority the class of its requests
 * @param habit when it sends them
 */
record Caller(ClientPolicy client, Priority priority, Habit habit) {

    /** Few enough that it must never wait long. */
    private static final Habit NOW_AND_THEN = new Habit.Arrivals(4);

    /** When a caller sends requests. */
    sealed interface Habit {

        /** As soon as fewer than this many of its requests wait. */
        record Backlog(int waiting) implements Habit {
        }

        /** This many agents; each sends its next request some time after the response to its last one. */
        record Agents(int number) implements Habit {
        }

        /** Independent of the responses, this many a minute on average. */
        record Arrivals(double perMinute) implements Habit {
        }
    }

    /** A caller without a name of its own. */
    static Caller anonymous(Priority priority, Habit habit) {
        return new Caller(ClientPolicy.ANONYMOUS, priority, habit);
    }

    static Caller nowAndThen(ClientPolicy client, Priority priority) {
        return new Caller(client, priority, NOW_AND_THEN);
    }

    boolean comesNowAndThen() {
        return habit.equals(NOW_AND_THEN);
    }

    /** Whether it takes every slot that it can get. */
    boolean alwaysWantsMore() {
        return !(habit instanceof Habit.Arrivals);
    }
}
