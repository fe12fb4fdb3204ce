package dev.sidecar.simulator;

import dev.sidecar.simulator.limits.ProviderLimit;
import dev.sidecar.simulator.limits.ProviderLimit.Decision;
import dev.sidecar.simulator.limits.ProviderLimit.Standing;
import java.time.Duration;

/** The limit of one key: it accepts requests, or refuses them in the provider's words. On one event loop. */
final class Gate {

    private final DemoSettings settings;
    private final DemoClock clock;
    private final RetryAfterForm retryAfter;
    private final int announced;
    private final ProviderLimit limit;
    private final KeyTally tally;

    /** @param announced requests a minute, as refusals name them */
    Gate(DemoSettings settings, int announced, ProviderLimit limit, DemoClock clock, KeyTally tally) {
        this.settings = settings;
        this.clock = clock;
        this.retryAfter = RetryAfterForm.named(settings.retryAfter());
        this.announced = announced;
        this.limit = limit;
        this.tally = tally;
    }

    /** Counts a request, and responds to a refused one. */
    boolean lets(ProviderLimit.Request request, Exchange exchange) {
        Decision decision = limit.decide(request, clock.nanoTime());
        if (settings.rateLimitHeaders()) {
            announce(limit.standing(clock.nanoTime()), exchange);
        }
        switch (decision) {
            case Decision.Accepted _ -> {
                tally.accepted.incrementAndGet();
                exchange.whenOver(() -> limit.ended(request, clock.nanoTime()));
                return true;
            }
            case Decision.Refused(Duration wait) -> {
                tally.refused.incrementAndGet();
                RetryAfterForm.Header header = retryAfter.header(wait, clock.instant());
                if (header != null) {
                    exchange.header(header.name(), header.value());
                }
                exchange.refuse(ApiError.rateLimited(announced));
            }
            case Decision.WorkersBusy busy -> {
                tally.refused.incrementAndGet();
                exchange.refuse(ApiError.workersBusy(busy, settings.workerCapStatus()));
            }
        }
        return false;
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
