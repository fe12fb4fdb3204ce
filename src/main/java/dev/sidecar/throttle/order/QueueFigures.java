package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.BudgetMinute;
import dev.sidecar.throttle.budget.BudgetRule;
import dev.sidecar.throttle.budget.RetreatSnapshot;
import dev.sidecar.throttle.budget.SlidingWindow;
import dev.sidecar.throttle.pool.CappedModel;
import dev.sidecar.throttle.pool.Key;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The counters of a queue, and its state as figures. Not thread-safe: part of its {@link QueueScheduler}. */
final class QueueFigures<T> {

    long enqueued;
    long granted;
    long dropped;
    long refusedFull;
    long refusedOther;
    long bypassed;
    long retried;

    private final Lanes<T> lanes;
    private final QueueOutlook<T> outlook;
    private final OwnLimits limits;

    QueueFigures(Lanes<T> lanes, QueueOutlook<T> outlook, OwnLimits limits) {
        this.lanes = lanes;
        this.outlook = outlook;
        this.limits = limits;
    }

    /** All figures of this moment; the caller has settled queue and budget to it. */
    ThrottleSnapshot snapshot(int queueMax, long now) {
        Map<Priority, Integer> waiting = new EnumMap<>(Priority.class);
        Map<Priority, Duration> longest = new EnumMap<>(Priority.class);
        for (Priority each : Priority.values()) {
            waiting.put(each, lanes.waiting(each));
            longest.put(each, Duration.ofNanos(outlook.longestWait(each, now)));
        }
        double tokens = 0;
        int burst = 0;
        int limit = 0;
        int used = 0;
        int openSlots = 0;
        List<CappedModel> capped = new ArrayList<>();
        List<RetreatSnapshot> retreats = new ArrayList<>();
        for (Lane<T> lane : lanes) {
            tokens += lane.pool.tokens(now);
            burst += lane.pool.burst();
            limit += lane.pool.limit();
            used += lane.pool.used(now);
            openSlots += lane.pool.openSlots();
            capped.addAll(cappedModels(lane));
            lane.pool.inUse().forEach(each -> retreats.add(each.budget().retreat(now)));
        }
        return new ThrottleSnapshot(tokens, burst, new BudgetMinute(limit, used, nextSlot(now)),
                RetreatSnapshot.sum(retreats), lanes.first().pool.first().spans(now), queueMax, waiting, longest,
                enqueued,
                granted, dropped, refusedFull, refusedOther, grants(now), bypassed, openSlots, retried, capped,
                limits.figures(lanes::waiting, now), keys(now));
    }

    private Optional<Duration> nextSlot(long now) {
        long next = SlidingWindow.NEVER;
        for (Lane<T> lane : lanes) {
            next = Math.min(next, Math.max(lane.closedFor(now), nextSlot(lane, now)));
        }
        return next == SlidingWindow.NEVER ? Optional.empty() : Optional.of(Duration.ofNanos(Math.max(0, next)));
    }

    private static <T> long nextSlot(Lane<T> lane, long now) {
        long[] delays = new long[Priority.values().length];
        lane.deadlines.delays(delays, now);
        long delay = SlidingWindow.NEVER;
        for (Priority each : Priority.values()) {
            if (lane.queue.isReady(each)) {
                delay = Math.min(delay, delays[each.rank()]);
            }
        }
        return delay == SlidingWindow.NEVER ? lane.pool.delay(false, 1, true, now) : delay;
    }

    private static <T> List<CappedModel> cappedModels(Lane<T> lane) {
        return lane.models.capped().stream().map(model -> new CappedModel(model, lane.models.cap(model),
                lane.models.inFlight(model), lane.queue.readyOf(model))).toList();
    }

    private List<KeyFigures> keys(long now) {
        List<KeyFigures> figures = new ArrayList<>();
        for (Lane<T> lane : lanes) {
            for (Key key : lane.pool.keys().keys()) {
                lane.pool.accounts().stream().filter(each -> each.name().equals(key.account())).findFirst()
                        .ifPresent(account -> figures
                                .add(KeyFigures.of(lane.provider, key, state(lane, key), account, now)));
            }
        }
        return figures;
    }

    /** Without the pause, which the account knows. */
    private static KeyFigures.State state(Lane<?> lane, Key key) {
        if (lane.pool.keys().isOut(key.name())) {
            return KeyFigures.State.REFUSED;
        }
        return lane.isCircuitOpen() ? KeyFigures.State.CIRCUIT_OPEN : KeyFigures.State.OK;
    }

    /** False when a request has been ready for longer than any rule delays the first one, and nothing was granted. */
    private boolean grants(long now) {
        for (Lane<T> lane : lanes) {
            if (lane.closedFor(now) == 0 && !lane.waitsForTokens() && !grants(lane, now)) {
                return false;
            }
        }
        return true;
    }

    private static <T> boolean grants(Lane<T> lane, long now) {
        long idle = now - lane.pool.grantedAt();
        long distance = lane.pool.largestDistance();
        for (Priority each : Priority.values()) {
            if (lane.queue.isReady(each)
                    && Math.min(idle, now - lane.queue.readySince(each)) > BudgetRule.SPAN + distance) {
                return false;
            }
        }
        return true;
    }
}
