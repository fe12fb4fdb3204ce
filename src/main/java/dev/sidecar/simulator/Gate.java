package dev.sidecar.simulator;

import dev.sidecar.simulator.limits.ProviderLimit;
import dev.sidecar.simulator.limits.ProviderLimit.Decision;
import dev.sidecar.simulator.limits.ProviderLimit.Standing;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The limits of one key: it accepts requests, or refuses them in the provider's words. On one event loop. */
final class Gate {

    private final DemoSettings settings;
    private final DemoClock clock;
    private final RetryAfterForm retryAfter;
    private final int announced;
    private final ProviderLimit limit;
    private final TokenGate tokens;
    private final KeyTally tally;

    /** @param announced requests a minute, as refusals name them */
    Gate(DemoSettings settings, int announced, ProviderLimit limit, TokenGate tokens, DemoClock clock, KeyTally tally) {
        this.settings = settings;
        this.clock = clock;
        this.retryAfter = RetryAfterForm.named(settings.retryAfter());
        this.announced = announced;
        this.limit = limit;
        this.tokens = tokens;
        this.tally = tally;
    }

    /**
     * Counts a request, and responds to a refused one. A request that is refused for its tokens has used up a place in the
     * window of requests; one that is refused for another reason costs no tokens.
     */
    boolean lets(ProviderLimit.Request request, Usage usage, Exchange exchange) {
        long now = clock.nanoTime();
        Decision decision = limit.decide(request, now);
        ApiError refusal = switch (decision) {
            case Decision.Accepted _ -> forItsTokens(request, usage, exchange, now);
            case Decision.Refused(Duration wait) -> {
                stateWait(wait, exchange);
                yield ApiError.rateLimited(announced);
            }
            case Decision.WorkersBusy busy -> ApiError.workersBusy(busy, settings.workerCapStatus());
        };
        announce(exchange, now);
        if (refusal != null) {
            tally.refused.incrementAndGet();
            exchange.refuse(refusal);
            return false;
        }
        tally.accepted.incrementAndGet();
        exchange.whenOver(() -> {
            limit.ended(request, clock.nanoTime());
            tokens.ended(usage, exchange.produced(), clock.nanoTime());
        });
        return true;
    }

    /** The refusal of a request that is too much for the limit of tokens; null if it is not. */
    private @Nullable ApiError forItsTokens(ProviderLimit.Request request, Usage usage, Exchange exchange, long now) {
        if (tokens.decide(usage, now) instanceof Decision.Refused(Duration wait)) {
            limit.ended(request, now);
            boolean stated = stateWait(wait, exchange);
            return tokens.refusal(request.model(), usage, stated ? wait : null, now);
        }
        return null;
    }

    private boolean stateWait(Duration wait, Exchange exchange) {
        RetryAfterForm.Header header = retryAfter.header(wait, clock.instant());
        if (header != null) {
            exchange.header(header.name(), header.value());
        }
        return header != null;
    }

    private void announce(Exchange exchange, long now) {
        if (settings.rateLimitHeaders()) {
            announce(limit.standing(now), exchange);
        }
        tokens.announce(exchange, now);
    }

    private static void announce(Standing standing, Exchange exchange) {
        exchange.header("x-ratelimit-limit-requests", Integer.toString(standing.limit()));
        exchange.header("x-ratelimit-remaining-requests", Integer.toString(standing.remaining()));
        exchange.header("x-ratelimit-reset-requests", goDuration(standing.untilFull()));
    }

    /** A duration in OpenAI's form: 120ms, 7.66s, 1m26.4s; to the millisecond, rounded up. */
    static String goDuration(Duration duration) {
        Duration rounded = Duration.ofMillis(duration.plusNanos(999_999).toMillis());
        if (rounded.compareTo(Duration.ofSeconds(1)) < 0) {
            return rounded.isZero() ? "0s" : rounded.toMillis() + "ms";
        }
        String seconds = "%d.%03d".formatted(rounded.toSecondsPart(), rounded.toMillisPart()).replaceAll("\\.?0+$", "");
        return (rounded.toMinutes() > 0 ? rounded.toMinutes() + "m" : "") + seconds + "s";
    }
}
