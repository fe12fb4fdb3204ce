package dev.sidecar.simulator.limits;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * NVIDIA's second limit: each model has so many workers, shared by all its users, and a request that finds none free is
 * refused, whatever its key's rate. Here the key's rate is asked first, so a request that the workers refuse has used up
 * a place in the key's window: the harder of the two orders in which a gateway may ask. Every model is as busy with
 * others' requests as every other.
 */
public final class WorkerCapLimit implements ProviderLimit {

    private static final Duration MEAN_HOLD = Duration.ofSeconds(10);

    private final ProviderLimit rate;
    private final int cap;
    private final Crowd crowd;
    /** The caller's own requests that run, by model; no entry where there are none. */
    private final Map<String, Integer> running = new HashMap<>();

    /** About {@code others} (0 to {@code cap}) of a model's workers are kept busy by others, for 10 s each on average. */
    public WorkerCapLimit(ProviderLimit rate, int cap, int others, RandomGenerator random, long startNanos) {
        this.rate = rate;
        this.cap = Sizes.atLeast1("cap", cap);
        this.crowd = new Crowd(others, cap, MEAN_HOLD, random, startNanos);
    }

    @Override
    public Decision decide(Request request, long nowNanos) {
        Decision decision = rate.decide(request, nowNanos);
        if (!(decision instanceof Decision.Accepted)) {
            return decision;
        }
        int busy = crowd.present(nowNanos) + running.getOrDefault(request.model(), 0);
        if (busy >= cap) {
            rate.ended(request, nowNanos);
            return new Decision.WorkersBusy(cap);
        }
        running.merge(request.model(), 1, Integer::sum);
        return decision;
    }

    @Override
    public void ended(Request request, long nowNanos) {
        if (running.computeIfPresent(request.model(), (_, n) -> n - 1) == null) {
            throw new IllegalStateException("no request of the model " + request.model() + " runs");
        }
        running.remove(request.model(), 0);
        rate.ended(request, nowNanos);
    }

    @Override
    public Standing standing(long nowNanos) {
        return rate.standing(nowNanos);
    }

    @Override
    public long takenByOthers(long nowNanos) {
        return rate.takenByOthers(nowNanos);
    }

    /** The caller's own running requests of this model. */
    public int running(String model) {
        return running.getOrDefault(model, 0);
    }
}
