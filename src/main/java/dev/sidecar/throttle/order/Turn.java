package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.SlidingWindow;
import java.util.List;

/**
 * When it will be a request's turn, by the lane that serves it first.
 *
 * @param position 1 is next
 * @param start expected, in nanoseconds from now
 */
record Turn(int position, long start) {

    private static final Turn UNKNOWN = new Turn(1, SlidingWindow.NEVER);
    private static final Turn AT_ONCE = new Turn(1, 0);

    /**
     * The turn of a newcomer; notes at which places it goes at once.
     *
     * @param patience until its deadline
     */
    static <T> Turn ofNewcomer(List<Place<T>> places, long patience, long now) {
        Turn first = UNKNOWN;
        for (Place<T> each : places) {
            each.atOnce = AdmissionControl.goesNow(each, now);
            first = sooner(first, each.atOnce ? AT_ONCE : ofNewcomer(each, patience, now));
        }
        return first;
    }

    private static <T> Turn ofNewcomer(Place<T> place, long patience, long now) {
        WaitEstimator<T> estimator = place.lane.estimatorFor(place, now);
        int nth = place.lane.queue.placeOf(place.priority(), place.client());
        return new Turn(estimator.position(place.priority(), nth),
                estimator.expected(place.priority(), place.model(), nth, place.certainStart, patience, now));
    }

    /** The turn of a request that takes its place at the head of its client. */
    static <T> Turn atHead(List<Place<T>> places, long now) {
        Turn first = UNKNOWN;
        for (Place<T> each : places) {
            WaitEstimator<T> estimator = each.lane.estimatorFor(each, now);
            first = sooner(first, new Turn(estimator.positionAtHead(each),
                    Math.max(each.lane.closedFor(now), estimator.expectedAtHead(each, now))));
        }
        return first;
    }

    /** The certain start of a request that takes its place at the head of its client, if no more urgent one comes. */
    static <T> long certainAtHead(List<Place<T>> places, long now) {
        long first = SlidingWindow.NEVER;
        for (Place<T> each : places) {
            long least = Math.max(each.dueNanos() - now, each.lane.closedFor(now));
            first = Math.min(first,
                    Math.max(least,
                            each.lane.estimatorFor(each, now).certainAtHead(each, Projection.Spread.NONE, now)));
        }
        return first;
    }

    private static Turn sooner(Turn a, Turn b) {
        return b.start < a.start ? b : a;
    }
}
