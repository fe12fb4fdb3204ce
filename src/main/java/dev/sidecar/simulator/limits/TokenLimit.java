package dev.sidecar.simulator.limits;

import dev.sidecar.simulator.limits.ProviderLimit.Decision;
import java.time.Duration;

/**
 * A limit of tokens a minute. A request is refused if it would raise what is used above the limit. A request that is
 * larger than the limit is accepted while nothing is used. Refused requests cost nothing. It reads no clock and takes no
 * lock; the caller passes the time, as for {@link ProviderLimit}. Only one thread at a time may call.
 */
public final class TokenLimit {

    private static final Decision ACCEPTED = new Decision.Accepted();

    private final int limit;
    private final TokenMoment moment;
    private final Meter meter;

    TokenLimit(int limit, TokenMoment moment, Meter meter) {
        this.limit = Sizes.tokens(limit);
        this.moment = moment;
        this.meter = meter;
    }

    /** Decides on a request that arrived at {@code nowNanos} and counts what counts then. */
    public Decision decide(long input, long output, long nowNanos) {
        long atArrival = moment.atArrival(input, output);
        // A limit that is used up accepts nothing, even what counts only later.
        long room = limit - Math.max(1, atArrival);
        long wait = meter.untilAtMost(Math.max(0, room), nowNanos);
        if (wait > 0) {
            return new Decision.Refused(Duration.ofNanos(wait));
        }
        meter.add(atArrival, nowNanos);
        return ACCEPTED;
    }

    /**
     * The response of an accepted request has ended in any way; call this once for each.
     *
     * @param output what it really had: less than expected if the client left
     */
    public void ended(long input, long output, long nowNanos) {
        meter.add(moment.atEnd(input, output), nowNanos);
    }

    /** What of the limit is used, which may be more than the limit. */
    public long used(long nowNanos) {
        return meter.used(nowNanos);
    }

    /** The state at this time, as a provider with {@code x-ratelimit-*-tokens} states it. */
    public ProviderLimit.Standing standing(long nowNanos) {
        return new ProviderLimit.Standing(limit, (int) Math.max(0, limit - meter.used(nowNanos)),
                Duration.ofNanos(meter.untilAtMost(0, nowNanos)));
    }
}
