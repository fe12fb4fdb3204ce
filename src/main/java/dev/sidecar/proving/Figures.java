package dev.sidecar.proving;

import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.ThrottleSnapshot;
import java.time.Duration;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * The figures of a trial.
 *
 * @param keys what became of the requests with each key
 * @param visible clients that got a 429
 * @param demandedNanos how long at least one request waited
 * @param callers what each caller got
 * @param end the state of the throttle at the end
 */
record Figures(List<OfKey> keys, long visible, long demandedNanos, List<Served> callers, ThrottleSnapshot end) {

    Figures {
        keys = List.copyOf(keys);
        callers = List.copyOf(callers);
    }

    /**
     * What became of the requests with one key.
     *
     * @param accepted requests that the provider accepted
     * @param takenByOthers requests of others with the same key that it accepted
     * @param refused requests that got a 429 from it
     * @param mostSent the most that were sent in any 60 s of the whole trial
     */
    record OfKey(String name, long accepted, long takenByOthers, long refused, int mostSent) {

        /** The part of refusals among its responses, 0 to 1. */
        double refusedShare() {
            return share(refused, accepted);
        }
    }

    private long sum(ToLongFunction<OfKey> figure) {
        return keys.stream().mapToLong(figure).sum();
    }

    long accepted() {
        return sum(OfKey::accepted);
    }

    long takenByOthers() {
        return sum(OfKey::takenByOthers);
    }

    long refused() {
        return sum(OfKey::refused);
    }

    /** The part of the time of a trial in which requests waited, 0 to 1. */
    double demanded(Duration span) {
        return Math.min(1, (double) demandedNanos / span.toNanos());
    }

    /**
     * What a caller got.
     *
     * @param asked the requests that it sent; the largest number if it always wants more
     * @param accepted those that the provider accepted
     * @param waits how long its requests waited for their slots
     */
    record Served(Caller caller, long asked, long accepted, Waits waits) {

        int weight() {
            return caller.client().weight();
        }
    }

    /** The waits of high requests for their slot. */
    Waits high() {
        return waits(Priority.HIGH);
    }

    Waits normal() {
        return waits(Priority.NORMAL);
    }

    Waits low() {
        return waits(Priority.LOW);
    }

    private Waits waits(Priority priority) {
        return Waits.of(callers.stream().filter(each -> each.caller().priority() == priority));
    }

    /** The waits of those who come now and then. */
    Waits nowAndThen() {
        return Waits.of(callers.stream().filter(each -> each.caller().comesNowAndThen()));
    }

    /** The part of refusals among all responses, 0 to 1. */
    double refusedShare() {
        return share(refused(), accepted());
    }

    private static double share(long refused, long accepted) {
        return accepted + refused == 0 ? 0 : (double) refused / (accepted + refused);
    }
}
