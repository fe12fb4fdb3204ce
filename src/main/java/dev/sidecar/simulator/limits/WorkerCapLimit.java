package dev.sidecar.simulator.limits;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * NVIDIA's second limit. All users of a model share its workers, and a request without a free worker is refused,
 * whatever its key's rate. Here the key's rate is checked first, so a request that the workers refuse has used up a
 * place in the key's window. This is the harder one of the two possible orders. All models are equally busy with
 * others' requests.
 */
public final class WorkerCapLimit implements ProviderLimit {

    private static final Duration MEAN_HOLD = Duration.ofSeconds(10);

    private final ProviderLimit rate;
    private final int cap;
    private final Crowd crowd;
    /** The client's own running requests, by model; no entry if there are none. */
    private final Map<String, Integer> running = new HashMap<>();

    /** Others keep about {@code others} (0 to {@code cap}) of a model's workers busy, for 10 s each on average. */
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

    /** The client's own running requests of this model. */
    public int running(String model) {
        return running.getOrDefault(model, 0);
    }
}
