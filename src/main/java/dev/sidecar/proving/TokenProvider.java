package dev.sidecar.proving;

import dev.sidecar.simulator.limits.ProviderLimit;
import dev.sidecar.simulator.limits.ProviderLimit.Decision;
import dev.sidecar.simulator.limits.TokenLimit;
import dev.sidecar.throttle.budget.RateLimitSignal;
import dev.sidecar.throttle.budget.RateLimitSignal.Kind;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A provider with a limit of requests and one of tokens, which states in seconds when to come back. A request that is
 * refused for its tokens has used up a place in the window of requests. Not thread-safe.
 */
final class TokenProvider {

    private static final ProviderLimit.Request CHAT = new ProviderLimit.Request("/v1/chat/completions", "");

    private final ProviderLimit requests;
    private final TokenLimit tokens;
    private final boolean stated;

    /** @param stated whether it states how many tokens are left */
    TokenProvider(ProviderLimit requests, TokenLimit tokens, boolean stated) {
        this.requests = requests;
        this.tokens = tokens;
        this.stated = stated;
    }

    /** What the response to an accepted request says. */
    RateLimitSignal acceptance(long now) {
        return RateLimitSignal.NONE.withRemainingTokens(remaining(now));
    }

    private OptionalLong remaining(long now) {
        return stated ? OptionalLong.of(tokens.standing(now).remaining()) : OptionalLong.empty();
    }

    /** What a refusal says; null if the request is accepted. */
    @Nullable
    RateLimitSignal refusal(TokenCaller.Request request, long now) {
        if (requests.decide(CHAT, now) instanceof Decision.Refused(Duration wait)) {
            return signal(Kind.REQUEST_RATE, wait, now);
        }
        if (tokens.decide(request.input(), request.output(), now) instanceof Decision.Refused(Duration wait)) {
            return signal(Kind.TOKEN_RATE, wait, now);
        }
        return null;
    }

    void ended(TokenCaller.Request request, long now) {
        tokens.ended(request.input(), request.output(), now);
    }

    private RateLimitSignal signal(Kind kind, Duration wait, long now) {
        Duration seconds = Duration.ofSeconds(wait.plusNanos(999_999_999).toSeconds());
        return new RateLimitSignal(kind, Optional.of(seconds), OptionalInt.empty(), OptionalInt.empty(),
                Optional.empty()).withRemainingTokens(remaining(now));
    }
}
