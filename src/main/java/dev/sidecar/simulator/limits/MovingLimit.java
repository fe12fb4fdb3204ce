package dev.sidecar.simulator.limits;

import java.time.Duration;

/**
 * A limit that moves while the shape below it keeps its counts: a lower limit applies at once to past and future
 * requests. This is the way of providers that share out their current capacity, such as Azure OpenAI with its dynamic
 * quota, and of accounts that change their tier.
 */
public final class MovingLimit implements ProviderLimit {

    private final Resizable counting;
    private final Schedule schedule;
    private final long startNanos;
    private int limit;

    /** @param counting the shape; its window should be a minute, like the schedule's rates */
    public MovingLimit(Resizable counting, Schedule schedule, long startNanos) {
        this.counting = counting;
        this.schedule = schedule;
        this.startNanos = startNanos;
    }

    @Override
    public Decision decide(Request request, long nowNanos) {
        move(nowNanos);
        return counting.decide(request, nowNanos);
    }

    @Override
    public void ended(Request request, long nowNanos) {
        counting.ended(request, nowNanos);
    }

    @Override
    public Standing standing(long nowNanos) {
        move(nowNanos);
        return counting.standing(nowNanos);
    }

    @Override
    public long takenByOthers(long nowNanos) {
        return counting.takenByOthers(nowNanos);
    }

    private void move(long nowNanos) {
        int wanted = schedule.at(Duration.ofNanos(nowNanos - startNanos));
        if (wanted != limit) {
            limit = wanted;
            counting.resize(wanted);
        }
    }
}
