package dev.sidecar.simulator.limits;

import java.time.Duration;

/** At most {@code limit} accepted requests, as a meter counts them. Refused requests are not counted. */
final class MeteredLimit implements Resizable {

    private static final Decision ACCEPTED = new Decision.Accepted();

    private final Meter meter;
    private int limit;

    MeteredLimit(int limit, Meter meter) {
        this.limit = Sizes.atLeast1("limit", limit);
        this.meter = meter;
    }

    @Override
    public Decision decide(Request request, long nowNanos) {
        long wait = meter.untilAtMost(limit - 1, nowNanos);
        if (wait > 0) {
            return new Decision.Refused(Duration.ofNanos(wait));
        }
        meter.add(1, nowNanos);
        return ACCEPTED;
    }

    @Override
    public void resize(int newLimit) {
        limit = Sizes.atLeast1("limit", newLimit);
    }

    @Override
    public Standing standing(long nowNanos) {
        return new Standing(limit, (int) Math.max(0, limit - meter.used(nowNanos)),
                Duration.ofNanos(meter.untilAtMost(0, nowNanos)));
    }
}
