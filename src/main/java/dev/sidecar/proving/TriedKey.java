package dev.sidecar.proving;

import dev.sidecar.proving.Figures.OfKey;
import dev.sidecar.simulator.limits.ProviderLimit;
import dev.sidecar.simulator.limits.ProviderLimit.Decision;
import java.util.ArrayDeque;

/** A key in a trial: how the provider counts its requests, and what became of them. Not thread-safe. */
final class TriedKey {

    private static final long MINUTE = 60_000_000_000L;

    private final String name;
    private final ProviderLimit limit;
    /** When its requests of the last minute were sent. */
    private final ArrayDeque<Long> sends = new ArrayDeque<>();
    private int mostSent;
    private long accepted;
    private long refused;
    private long takenBefore;

    TriedKey(String name, ProviderLimit limit) {
        this.name = name;
        this.limit = limit;
    }

    /** The measurement begins. */
    void begin(long now) {
        takenBefore = limit.takenByOthers(now);
    }

    void sent(long now) {
        while (!sends.isEmpty() && now - sends.getFirst() >= MINUTE) {
            sends.removeFirst();
        }
        sends.addLast(now);
        mostSent = Math.max(mostSent, sends.size());
    }

    /** @param counts whether the measurement is under way */
    Decision decide(ProviderLimit.Request request, boolean counts, long now) {
        Decision decision = limit.decide(request, now);
        boolean isAccepted = decision instanceof Decision.Accepted;
        accepted += counts && isAccepted ? 1 : 0;
        refused += counts && !isAccepted ? 1 : 0;
        return decision;
    }

    void ended(ProviderLimit.Request request, long now) {
        limit.ended(request, now);
    }

    OfKey figures(long now) {
        return new OfKey(name, accepted, limit.takenByOthers(now) - takenBefore, refused, mostSent);
    }
}
