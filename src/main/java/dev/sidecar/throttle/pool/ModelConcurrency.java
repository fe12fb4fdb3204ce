package dev.sidecar.throttle.pool;

import dev.sidecar.throttle.budget.SlidingWindow;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The provider's second limit: how many requests of one model run at a time, shared by all its users and therefore
 * unknown and moving. It is found by evidence and released by time, by the rules of {@link ConcurrencyCap}. Counts for a model
 * are kept only while it is in flight or capped; at most {@value #MOST} are capped, and to cap one more the one whose
 * refusal is the longest ago is let go. Not thread-safe, no clock: the time is passed in, in nanoseconds.
 */
public final class ModelConcurrency {

    public static final int MOST = 64;

    private final Map<String, Integer> inFlight = new HashMap<>();
    /** The longest ago refused first. */
    private final Map<String, ConcurrencyCap> caps = new LinkedHashMap<>();

    /** Whether none of it may start now. */
    public boolean isFull(@Nullable String model) {
        ConcurrencyCap cap = model == null ? null : caps.get(model);
        return model != null && cap != null && (cap.cooling() || inFlight(model) >= cap.cap());
    }

    /** How many of it may be in flight; {@link Integer#MAX_VALUE} if it is not capped. */
    public int cap(String model) {
        ConcurrencyCap cap = caps.get(model);
        return cap == null ? Integer.MAX_VALUE : cap.cap();
    }

    public int inFlight(String model) {
        return inFlight.getOrDefault(model, 0);
    }

    /** How many models are in flight: what tests measure memory by. */
    int modelsInFlight() {
        return inFlight.size();
    }

    /** Those that are capped, the longest ago refused first. */
    public Set<String> capped() {
        return caps.keySet();
    }

    /** One more of it is in flight. */
    public void started(String model) {
        inFlight.merge(model, 1, Integer::sum);
    }

    /** One of those in flight has ended, however it did. */
    public void finished(String model) {
        inFlight.computeIfPresent(model, (_, count) -> count == 1 ? null : count - 1);
    }

    /** One that is already {@link #finished} ended because the provider runs no more of this model. */
    public void refused(String model, long now) {
        ConcurrencyCap before = caps.remove(model);
        int others = inFlight(model);
        caps.put(model, before == null ? ConcurrencyCap.first(others, now) : before.refused(others, now));
        if (caps.size() > MOST) {
            caps.remove(caps.keySet().iterator().next());
        }
    }

    /**
     * Lets time do what it has done by now.
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

    /** Until time changes a cap; {@link SlidingWindow#NEVER} if none is capped. */
    public long nanosToChange(long now) {
        long least = SlidingWindow.NEVER;
        for (ConcurrencyCap each : caps.values()) {
            least = Math.min(least, each.nextAt() - now);
        }
        return least;
    }

    /** The rest of its cool-down, 0 if it does not cool down. */
    public long cooling(@Nullable String model, long now) {
        ConcurrencyCap cap = model == null ? null : caps.get(model);
        return cap == null || !cap.cooling() ? 0 : Math.max(0, cap.nextAt() - now);
    }
}
