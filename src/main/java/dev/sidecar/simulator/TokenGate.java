package dev.sidecar.simulator;

import dev.sidecar.simulator.limits.ProviderLimit.Decision;
import dev.sidecar.simulator.limits.ProviderLimit.Standing;
import dev.sidecar.simulator.limits.TokenLimit;
import dev.sidecar.simulator.limits.TokenMoment;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Counts the tokens of one key, and limits them if it has such a limit. On one event loop. */
final class TokenGate {

    private static final Decision ACCEPTED = new Decision.Accepted();

    private final @Nullable TokenLimit limit;
    private final TokenMoment moment;
    private final KeyTally tally;

    TokenGate(@Nullable TokenLimit limit, TokenMoment moment, KeyTally tally) {
        this.limit = limit;
        this.moment = moment;
        this.tally = tally;
    }

    Decision decide(Usage usage, long nowNanos) {
        Decision decision = limit == null ? ACCEPTED : limit.decide(usage.prompt(), usage.completion(), nowNanos);
        if (decision instanceof Decision.Accepted) {
            tally.tokens.addAndGet(moment.atArrival(usage.prompt(), usage.completion()));
        } else {
            tally.refusedForTokens.incrementAndGet();
        }
        return decision;
    }

    /** @param produced the output that the client was sent */
    void ended(Usage usage, int produced, long nowNanos) {
        tally.tokens.addAndGet(moment.atEnd(usage.prompt(), produced));
        if (limit != null) {
            limit.ended(usage.prompt(), produced, nowNanos);
        }
    }

    void announce(Exchange exchange, long nowNanos) {
        if (limit != null) {
            Standing standing = limit.standing(nowNanos);
            exchange.header("x-ratelimit-limit-tokens", Integer.toString(standing.limit()));
            exchange.header("x-ratelimit-remaining-tokens", Integer.toString(standing.remaining()));
            exchange.header("x-ratelimit-reset-tokens", Gate.goDuration(standing.untilFull()));
        }
    }

    /** @param wait null if the client has to find out */
    ApiError refusal(String model, Usage usage, @Nullable Duration wait, long nowNanos) {
        if (limit == null) {
            throw new IllegalStateException("there is no limit of tokens");
        }
        return ApiError.tokensLimited(model, limit.standing(nowNanos).limit(), limit.used(nowNanos),
                Math.max(1, moment.atArrival(usage.prompt(), usage.completion())),
                wait == null ? "later" : "in " + Gate.goDuration(wait));
    }
}
