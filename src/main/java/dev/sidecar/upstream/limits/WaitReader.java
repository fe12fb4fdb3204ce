package dev.sidecar.upstream.limits;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Turns every form in which providers say "when" into a length of time from now on. Empty for any other form, and for a
 * number with a sign. A point in time is measured from the response's own {@code Date}, so a wrong clock of the sidecar
 * changes no wait. For one response; as thread-safe as its header fields.
 */
final class WaitReader {

    /** A larger number of seconds (about three years) is a point in time. */
    private static final long LARGEST_DELTA = 100_000_000L;

    /** A larger point in time is in milliseconds (as seconds it would be after the year 5000). */
    private static final long LARGEST_UNIX_SECONDS = 100_000_000_000L;

    /** A response's {@code Date} that is further from the sidecar's clock is ignored. */
    private static final Duration SANE = Duration.ofDays(1);

    private final InstantSource clock;
    private final HeaderLookup headers;

    /**
     * @param clock the sidecar's wall-clock time, used where the response does not state the provider's
     * @param headers of the response: its {@code Date} is the provider's current time (RFC 9110 section 6.6.1)
     */
    WaitReader(InstantSource clock, HeaderLookup headers) {
        this.clock = clock;
        this.headers = headers;
    }

    /** {@code Retry-After}: seconds, with or without decimals, or an HTTP date (RFC 9110 section 10.2.3). */
    Optional<Wait> retryAfter(String text) {
        var scanner = new TimeScanner(text, 0);
        if (scanner.number()) {
            return scanner.atEnd() ? Optional.of(number(scanner)) : lengthWithUnits(text);
        }
        return date(text.strip());
    }

    /** {@code retry-after-ms}: milliseconds. */
    static Optional<Wait> milliseconds(String text) {
        var scanner = new TimeScanner(text, 0);
        return scanner.number() && scanner.atEnd()
                ? Optional.of(Wait.exact(scanner.times(TimeScanner.MILLISECOND)))
                : Optional.empty();
    }

    /**
     * A reset: a length with units ({@code 6m0s}), seconds, Unix time in seconds or milliseconds, an RFC 3339 time or an
     * HTTP date.
     */
    Optional<Wait> reset(String text) {
        var scanner = new TimeScanner(text, 0);
        if (!scanner.number()) {
            return date(text.strip());
        }
        if (!scanner.atEnd()) {
            return lengthWithUnits(text).or(() -> timestamp(text.strip()));
        }
        long number = scanner.whole();
        if (number <= LARGEST_DELTA) {
            return Optional.of(number(scanner));
        }
        return Optional.of(from(number <= LARGEST_UNIX_SECONDS
                ? Instant.ofEpochSecond(number)
                : Instant.ofEpochMilli(number)));
    }

    private static Wait number(TimeScanner scanner) {
        Duration length = scanner.times(TimeScanner.SECOND);
        return scanner.fractional() ? Wait.exact(length) : Wait.inSeconds(length);
    }

    private static Optional<Wait> lengthWithUnits(String text) {
        var scanner = new TimeScanner(text, 0);
        return scanner.units().filter(length -> scanner.atEnd()).map(Wait::exact);
    }

    private Optional<Wait> timestamp(String text) {
        try {
            return Optional.of(from(Instant.parse(text)));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private Optional<Wait> date(String text) {
        return HttpDates.parse(text, clock.instant()).map(this::from);
    }

    private Wait from(Instant moment) {
        return Wait.byClocks(Duration.between(now(), moment));
    }

    private Instant now() {
        Instant ours = clock.instant();
        return Optional.ofNullable(headers.first("date")).flatMap(text -> HttpDates.parse(text.strip(), ours))
                .filter(theirs -> Duration.between(ours, theirs).abs().compareTo(SANE) <= 0).orElse(ours);
    }
}
