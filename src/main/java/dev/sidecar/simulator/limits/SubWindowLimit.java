package dev.sidecar.simulator.limits;

import java.time.Duration;

/**
 * A limit that is announced for a window and enforced in equal, aligned parts of it, each rounded down: 40 a minute
 * as 6 in every 10 s, so truly 36. Azure OpenAI does so (its documentation names parts of 1 or 10 s), and OpenAI warns
 * of it.
 */
public final class SubWindowLimit implements ProviderLimit {

    private final int limit;
    private final FixedWindowLimit part;

    /** A part begins at {@code edgeNanos}; the limit must be at least one for each part. */
    public SubWindowLimit(int limit, Duration window, int parts, long edgeNanos) {
        this.limit = limit;
        this.part = new FixedWindowLimit(inEachPart(limit, parts), window.dividedBy(parts), edgeNanos);
    }

    /** What is truly let in during a whole window. */
    public static int allowed(int limit, int parts) {
        return parts * inEachPart(limit, parts);
    }

    @Override
    public Decision decide(Request request, long nowNanos) {
        return part.decide(request, nowNanos);
    }

    /** Tells the announced limit, as such providers do, and what is left of the part. */
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
