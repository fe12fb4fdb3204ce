package dev.sidecar.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sidecar.throttle.order.ClientFigures;
import dev.sidecar.throttle.quota.ClientQuota;
import dev.sidecar.throttle.quota.RequestLimit;
import dev.sidecar.throttle.quota.TokenLimit;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A client in {@code /status}.
 *
 * @param granted slots that it got since the start, further attempts included
 * @param refused its requests that the sidecar refused since the start
 * @param limits its own limits and what counts against them now
 * @param heldBy the own limit that holds its next request back, {@code period}, {@code concurrency} or
 *        {@code reserved}, where requests under way hold the rest of its tokens; absent if none
 *        does
 * @param heldSeconds until the period allows its next request; absent unless a period holds it back
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ClientStatus(String name, int weight, int waiting, int inFlight, long granted, long refused, List<Limit> limits,
        @Nullable String heldBy, @Nullable Double heldSeconds) {

    /**
     * An own limit, of requests or of tokens.
     *
     * @param reserved the tokens that requests under way may cost; absent for requests
     * @param per the period, such as {@code 90s}, {@code 1m}, {@code 1h} or {@code 1d}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Limit(@Nullable Long requests, @Nullable Long tokens, String per, long used, @Nullable Long reserved) {

        static Limit of(ClientQuota.Use use, long reserved) {
            return switch (use.limit()) {
                case RequestLimit(long requests, Duration per) ->
                    new Limit(requests, null, text(per), use.used(), null);
                case TokenLimit(long tokens, Duration per) -> new Limit(null, tokens, text(per), use.used(), reserved);
            };
        }

        private static String text(Duration per) {
            var seconds = per.toSeconds();
            return seconds % 86_400 == 0
                    ? seconds / 86_400 + "d"
                    : seconds % 3600 == 0
                            ? seconds / 3600 + "h"
                            : seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
        }
    }

    static ClientStatus of(ClientFigures client) {
        var held = client.hold() != ClientQuota.Hold.NONE;
        return new ClientStatus(client.name(), client.weight(), client.waiting(), client.running(), client.granted(),
                client.refused(), client.limits().stream().map(each -> Limit.of(each, client.reserved())).toList(),
                held ? client.hold().name().toLowerCase(Locale.ROOT) : null,
                client.hold() == ClientQuota.Hold.PERIOD ? Figures.seconds(client.heldFor()) : null);
    }
}
