package dev.sidecar.throttle.pool;

import java.time.Duration;

/**
 * What has been learned about how many requests of a model may be in flight, apart from its process. Immutable.
 *
 * @param model its name at the provider
 * @param cap how many may be in flight
 * @param quiet since the provider refused last, or since the end of the cool-down; negative during one
 * @param changesIn until time alone changes it
 * @param coolDown the latest cool-down, zero if there was none since the cap was raised
 * @param cooling whether no request may start until then
 */
public record CapState(String model, int cap, Duration quiet, Duration changesIn, Duration coolDown, boolean cooling) {

    static CapState of(String model, ConcurrencyCap cap, long now) {
        return new CapState(model, cap.cap(), Duration.ofNanos(now - cap.quietSince()),
                Duration.ofNanos(cap.nextAt() - now), Duration.ofNanos(cap.coolDown()), cap.cooling());
    }

    ConcurrencyCap at(long now) {
        return new ConcurrencyCap(cap, now - quiet.toNanos(), now + changesIn.toNanos(), coolDown.toNanos(), cooling);
    }

    /** The same after some time without requests, at least 0. */
    public CapState after(Duration passed) {
        return new CapState(model, cap, quiet.plus(passed), changesIn.minus(passed), coolDown, cooling);
    }
}
