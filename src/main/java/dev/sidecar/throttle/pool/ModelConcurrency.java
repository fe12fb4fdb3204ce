package dev.sidecar.throttle.pool;

import dev.sidecar.throttle.budget.SlidingWindow;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The provider's second limit: how many requests of one model run at a time. All users share it, so it is unknown and
 * moves. Refusals lower it and time raises it, by the rules of {@link ConcurrencyCap}.
 *
 * <p>
 * Counts of a model are kept only while it is in flight or capped. At most {@value #MOST} models are capped; a further
 * cap replaces the one with the oldest refusal. Not thread-safe, no clock: it receives the time, in nanoseconds.
 */
public final class ModelConcurrency {

    public static final int MOST = 64;

    private final Map<String, Integer> inFlight = new HashMap<>();
    /** The one with the oldest refusal first. */
    private final Map<String, ConcurrencyCap> caps = new LinkedHashMap<>();

    /** Whether no request of this model may start now. */
    public boolean isFull(@Nullable String model) {
        ConcurrencyCap cap = model == null ? null : caps.get(model);
        return model != null && cap != null && (cap.cooling() || inFlight(model) >= cap.cap());
    }

    /** How many requests of it may be in flight; {@link Integer#MAX_VALUE} if it is not capped. */
    public int cap(String model) {
        ConcurrencyCap cap = caps.get(model);
        return cap == null ? Integer.MAX_VALUE : cap.cap();
    }

    public int inFlight(String model) {
        return inFlight.getOrDefault(model, 0);
    }

    /** How many models are in flight; tests use it to measure memory. */
    int modelsInFlight() {
        return inFlight.size();
    }

    /** The capped models, the one with the oldest refusal first. */
    public Set<String> capped() {
        return caps.keySet();
    }

    /** One more request of it is in flight. */
    public void started(String model) {
        inFlight.merge(model, 1, Integer::sum);
    }

    /** One request in flight has ended, in any way. */
    public void finished(String model) {
        inFlight.computeIfPresent(model, (_, count) -> count == 1 ? null : count - 1);
    }

    /** A request that is already {@link #finished} ended because the provider runs no more of this model. */
    public void refused(String model, long now) {
        ConcurrencyCap before = caps.remove(model);
        int others = inFlight(model);
        caps.put(model, before == null ? ConcurrencyCap.first(others, now) : before.refused(others, now));
        if (caps.size() > MOST) {
            caps.remove(caps.keySet().iterator().next());
        }
    }

    /**
     * Applies the changes of time until now.
     *
     * @return whether a cap has changed
     */
    public boolean advance(long now) {
        boolean changed = false;
        for (var each = caps.entrySet().iterator(); each.hasNext();) {
            var entry = each.next();
            ConcurrencyCap cap = entry.getValue();
            int running = inFlight(entry.getKey());
            boolean over = false;
            while (cap.nextAt() - now <= 0 && !over) {
                over = cap.isOver(running);
                cap = cap.next();
                changed = true;
            }
            if (over) {
                each.remove();
            } else {
                entry.setValue(cap);
            }
        }
        return changed;
    }

    /** What has been learned, for another process. */
    public List<CapState> states(long now) {
        return caps.entrySet().stream().map(each -> CapState.of(each.getKey(), each.getValue(), now)).toList();
    }

    /** Takes over what another process has learned. */
    public void restore(List<CapState> states, long now) {
        states.stream().limit(MOST).forEach(each -> caps.put(each.model(), each.at(now)));
        advance(now);
    }

    /** The time until a cap changes; {@link SlidingWindow#NEVER} if no model is capped. */
    public long nanosToChange(long now) {
        long least = SlidingWindow.NEVER;
        for (ConcurrencyCap each : caps.values()) {
            least = Math.min(least, each.nextAt() - now);
        }
        return least;
    }

    /** The remaining cool-down in nanoseconds, 0 if it does not cool down. */
    public long cooling(@Nullable String model, long now) {
        ConcurrencyCap cap = model == null ? null : caps.get(model);
        return cap == null || !cap.cooling() ? 0 : Math.max(0, cap.nextAt() - now);
    }
}
