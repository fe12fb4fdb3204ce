package dev.sidecar.simulator.limits;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * A second user of the same key, unknown to the first. It asks nearly regularly, half an interval to one and a half
 * after its previous request. It ignores refusals, and uses up part of the limit. This happens when a team shares a
 * key, or one key serves a sidecar and a script.
 */
public final class SharedLimit implements ProviderLimit {

    private static final Request OTHERS = new Request("/v1/chat/completions", "");

    private final ProviderLimit shared;
    private final double intervalNanos;
    private final RandomGenerator random;
    private long nextNanos;
    private long accepted;
    private long refused;

    /** The other user asks {@code perMinute} times a minute on average, from {@code startNanos} on. */
    public SharedLimit(ProviderLimit shared, int perMinute, RandomGenerator random, long startNanos) {
        this.shared = shared;
        this.intervalNanos = Duration.ofMinutes(1).toNanos() / (double) Sizes.atLeast1("perMinute", perMinute);
        this.random = random;
        this.nextNanos = startNanos + (long) (random.nextDouble() * intervalNanos);
    }

    @Override
    public Decision decide(Request request, long nowNanos) {
        catchUp(nowNanos);
        return shared.decide(request, nowNanos);
    }

    @Override
    public void ended(Request request, long nowNanos) {
        catchUp(nowNanos);
        shared.ended(request, nowNanos);
    }

    @Override
    public Standing standing(long nowNanos) {
        catchUp(nowNanos);
        return shared.standing(nowNanos);
    }

    @Override
    public long takenByOthers(long nowNanos) {
        catchUp(nowNanos);
        return accepted + shared.takenByOthers(nowNanos);
    }

    /** How many of the other user's requests were refused until this time. */
    public long refusedToOthers(long nowNanos) {
        catchUp(nowNanos);
        return refused;
    }

    private void catchUp(long nowNanos) {
        while (nowNanos - nextNanos >= 0) {
            if (shared.decide(OTHERS, nextNanos) instanceof Decision.Accepted) {
                accepted++;
                shared.ended(OTHERS, nextNanos);
            } else {
                refused++;
            }
            nextNanos += (long) (intervalNanos * (0.5 + random.nextDouble()));
        }
    }
}
