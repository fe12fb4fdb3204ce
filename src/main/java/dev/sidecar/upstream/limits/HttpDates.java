package dev.sidecar.upstream.limits;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import java.util.Optional;

/** The three forms of a date in a header field, RFC 9110 section 5.6.7. The name of the day is ignored. */
final class HttpDates {

    /** {@code Sun, 06 Nov 1994 08:49:37 GMT}. */
    private static final DateTimeFormatter FIXED = english("d MMM uuuu HH:mm:ss 'GMT'");

    /** {@code Sun Nov  6 08:49:37 1994}. */
    private static final DateTimeFormatter ASCTIME = english("MMM d HH:mm:ss uuuu");

    /** {@code Sunday, 06-Nov-94 08:49:37 GMT}. */
    private static final DateTimeFormatter RFC_850 = new DateTimeFormatterBuilder().parseCaseInsensitive()
            .appendPattern("d-MMM-").appendValueReduced(ChronoField.YEAR, 2, 2, 2000).appendPattern(" HH:mm:ss 'GMT'")
            .toFormatter(Locale.ENGLISH);

    private HttpDates() {
    }

    /** The moment, or empty if the text is in none of the three forms. A year of two digits is near {@code now}. */
    static Optional<Instant> parse(String text, Instant now) {
        int comma = text.indexOf(',');
        try {
            if (comma < 0) {
                int space = text.indexOf(' ');
                return Optional.of(parse(text.substring(space + 1).replace("  ", " "), ASCTIME));
            }
            String afterComma = text.substring(comma + 1).strip();
            return Optional.of(afterComma.indexOf('-') < 0
                    ? parse(afterComma, FIXED)
                    : inTheRightCentury(parse(afterComma, RFC_850), now));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Instant parse(String text, DateTimeFormatter form) {
        return LocalDateTime.parse(text, form).toInstant(ZoneOffset.UTC);
    }

    /** RFC 9110: a year that seems to be more than 50 years ahead is the latest past year with these two digits. */
    private static Instant inTheRightCentury(Instant parsed, Instant now) {
        return parsed.isAfter(now.atOffset(ZoneOffset.UTC).plusYears(50).toInstant())
                ? parsed.atOffset(ZoneOffset.UTC).minusYears(100).toInstant()
                : parsed;
    }

    private static DateTimeFormatter english(String pattern) {
        return new DateTimeFormatterBuilder().parseCaseInsensitive().appendPattern(pattern)
                .toFormatter(Locale.ENGLISH);
    }
}
