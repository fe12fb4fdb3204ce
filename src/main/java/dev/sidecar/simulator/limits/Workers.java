package dev.sidecar.simulator.limits;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * The workers of each model, which serve the requests of all users and all keys. All models are equally busy with others'
 * requests.
 */
public final class Workers {

    private static final Duration MEAN_HOLD = Duration.ofSeconds(10);

    private final int cap;
    private final Crowd crowd;
    /** The client's own running requests, by model; no entry if there are none. */
    private final Map<String, Integer> running = new HashMap<>();

    /** Others keep about {@code others} (0 to {@code cap}) of a model's workers busy, for 10 s each on average. */
    public Workers(int cap, int others, RandomGenerator random, long startNanos) {
        this.cap = Sizes.atLeast1("cap", cap);
        this.crowd = new Crowd(others, cap, MEAN_HOLD, random, startNanos);
    }

    int cap() {
        return cap;
    }

    /** Whether a worker of the model has taken one more request. */
    boolean take(String model, long nowNanos) {
        if (crowd.present(nowNanos) + running(model) >= cap) {
            return false;
        }
        running.merge(model, 1, Integer::sum);
        return true;
    }

    void release(String model) {
        if (running.computeIfPresent(model, (_, n) -> n - 1) == null) {
            throw new IllegalStateException("no request of the model " + model + " runs");
        }
        running.remove(model, 0);
    }

    /** The client's own running requests of this model. */
    int running(String model) {
        return running.getOrDefault(model, 0);
    }
}
