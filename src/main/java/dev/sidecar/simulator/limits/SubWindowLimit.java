package dev.sidecar.simulator.limits;

import java.time.Duration;

/**
 * A limit that is announced for a window and enforced in equal, aligned parts of it, each rounded down: 40 a minute as
 * 6 in every 10 s, so really 36. This is the way of Azure OpenAI (its documentation names parts of 1 or 10 s), and
 * OpenAI warns about it.
 */
public final class SubWindowLimit implements ProviderLimit {

    private final int limit;
    private final ProviderLimit part;

    /**
     * @param limit requests in a window, at least one for each part
     * @param edgeNanos a time at which a part begins
     */
    public SubWindowLimit(int limit, Duration window, int parts, long edgeNanos) {
        this.limit = limit;
        this.part = new MeteredLimit(inEachPart(limit, parts),
                new FixedWindow(window.dividedBy(parts), edgeNanos));
    }

    /** The number of requests that is really accepted in a whole window. */
    public static int allowed(int limit, int parts) {
        return parts * inEachPart(limit, parts);
    }

    @Override
    public Decision decide(Request request, long nowNanos) {
        return part.decide(request, nowNanos);
    }

    /** States the announced limit, like such providers, and what is left of the part. */
    @Override
    public Standing standing(long nowNanos) {
        Standing standing = part.standing(nowNanos);
        return new Standing(limit, standing.remaining(), standing.untilFull());
    }

    private static int inEachPart(int limit, int parts) {
        Sizes.atLeast1("parts", parts);
        if (limit < parts) {
            throw new IllegalArgumentException("limit must be at least " + parts + ", one for each part, got " + limit);
        }
        return limit / parts;
    }
}
