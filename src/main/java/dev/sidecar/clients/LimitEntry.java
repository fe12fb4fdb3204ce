package dev.sidecar.clients;

import dev.sidecar.files.Period;
import dev.sidecar.throttle.quota.RequestLimit;
import dev.sidecar.throttle.quota.TokenLimit;
import java.time.Duration;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One of a client's own limits in the file: either of requests or of tokens.
 *
 * @param per the period: a number and a unit, such as {@code 10s}, {@code 1m}, {@code 12h} or {@code 31d}
 */
public record LimitEntry(@Nullable Long requests, @Nullable Long tokens, String per) {

    Duration period() {
        return Period.of(per);
    }

    Stream<RequestLimit> ofRequests() {
        return requests == null ? Stream.empty() : Stream.of(new RequestLimit(requests, period()));
    }

    Stream<TokenLimit> ofTokens() {
        return tokens == null ? Stream.empty() : Stream.of(new TokenLimit(tokens, period()));
    }
}
