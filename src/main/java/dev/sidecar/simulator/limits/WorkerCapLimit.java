package dev.sidecar.simulator.limits;

import java.util.random.RandomGenerator;

/**
 * NVIDIA's second limit. All users of a model share its workers, and a request without a free worker is refused,
 * whatever its key's rate. Here the key's rate is checked first, so a request that the workers refuse has used up a
 * place in the key's window. This is the harder one of the two possible orders. All models are equally busy with
 * others' requests.
 */
public final class WorkerCapLimit implements ProviderLimit {

    private final ProviderLimit rate;
    private final Workers workers;

    /** Others keep about {@code others} (0 to {@code cap}) of a model's workers busy, for 10 s each on average. */
    public WorkerCapLimit(ProviderLimit rate, int cap, int others, RandomGenerator random, long startNanos) {
        this(rate, new Workers(cap, others, random, startNanos));
    }

    /** @param workers those that serve the requests of other keys too */
    public WorkerCapLimit(ProviderLimit rate, Workers workers) {
        this.rate = rate;
        this.workers = workers;
    }

    @Override
    public Decision decide(Request request, long nowNanos) {
        Decision decision = rate.decide(request, nowNanos);
        if (!(decision instanceof Decision.Accepted)) {
            return decision;
        }
        if (!workers.take(request.model(), nowNanos)) {
            rate.ended(request, nowNanos);
            return new Decision.WorkersBusy(workers.cap());
        }
        return decision;
    }

    @Override
    public void ended(Request request, long nowNanos) {
        workers.release(request.model());
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
        return workers.running(model);
    }
}
