package dev.sidecar.simulator;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The form in which a 429 states the time to wait, rounded up to the precision of the form. */
enum RetryAfterForm {

    /** Whole seconds (RFC 9110 §10.2.3). */
    SECONDS {
        @Override
        Header header(Duration wait, Instant now) {
            return new Header(RETRY_AFTER, Long.toString(wait.plusNanos(999_999_999).toSeconds()));
        }
    },
    /** A date, in the only form that RFC 9110 §5.6.7 permits for sending. */
    HTTP_DATE {
        @Override
        Header header(Duration wait, Instant now) {
            long second = now.plus(wait).plusNanos(999_999_999).getEpochSecond();
            return new Header(RETRY_AFTER, IMF_FIXDATE.format(Instant.ofEpochSecond(second)));
        }
    },
    /** Milliseconds in a separate header, as OpenAI and Azure send it. */
    RETRY_AFTER_MS {
        @Override
        Header header(Duration wait, Instant now) {
            return new Header("retry-after-ms", Long.toString(wait.plusNanos(999_999).toMillis()));
        }
    },
    /** Nothing: the client has to find out. */
    NONE {
        @Override
        @Nullable
        Header header(Duration wait, Instant now) {
            return null;
        }
    },
    /** Thirty years. */
    ABSURD {
        @Override
        Header header(Duration wait, Instant now) {
            return new Header(RETRY_AFTER, "999999999");
        }
    };

    private static final String RETRY_AFTER = "Retry-After";
    // Not RFC_1123_DATE_TIME, which writes one digit for the first days of a month.
    private static final DateTimeFormatter IMF_FIXDATE = DateTimeFormatter
            .ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH).withZone(ZoneOffset.UTC);

    /** Name and value. */
    record Header(String name, String value) {
    }

    /** The header for a wait that begins now, or null if this form has none. */
    @Nullable
    abstract Header header(Duration wait, Instant now);

    static List<String> names() {
        return Arrays.stream(values()).map(RetryAfterForm::label).toList();
    }

    /** The form of this name, one of {@link #names()}. */
    static RetryAfterForm named(String name) {
        return Arrays.stream(values()).filter(form -> form.label().equals(name)).findFirst().orElseThrow();
    }

    private String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
