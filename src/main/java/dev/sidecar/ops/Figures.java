package dev.sidecar.ops;

import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Numbers and names for human readers. Stateless. */
final class Figures {

    private static final int LONGEST_NAME = 40;

    private Figures() {
    }

    /** Rounded to a tenth. */
    static double tenths(double value) {
        return Math.round(value * 10) / 10.0;
    }

    /** In seconds, rounded to a tenth. */
    static double seconds(Duration duration) {
        return tenths(duration.toMillis() / 1e3);
    }

    /** A duration in one or two units, such as {@code 4.2 s} or {@code 3 min 4 s}. */
    static String time(double seconds) {
        if (seconds < 9.95) {
            return String.format(Locale.ROOT, "%.1f s", seconds);
        }
        var whole = Duration.ofSeconds(Math.round(seconds));
        if (whole.toMinutes() == 0) {
            return whole.toSeconds() + " s";
        }
        if (whole.toHours() == 0) {
            return "%d min %d s".formatted(whole.toMinutes(), whole.toSecondsPart());
        }
        return whole.toDays() == 0
                ? "%d h %d min".formatted(whole.toHours(), whole.toMinutesPart())
                : "%d d %d h".formatted(whole.toDays(), whole.toHoursPart());
    }

    /** Without a fraction if it is whole, otherwise with one place. */
    static String number(double value) {
        return value == Math.rint(value)
                ? Long.toString((long) value)
                : String.format(Locale.ROOT, "%.1f", value);
    }

    /** A name that a client chose, without the characters that control a terminal. */
    static String name(@Nullable String name) {
        if (name == null) {
            return "-";
        }
        var plain = name.replaceAll("\\p{C}", "?");
        return plain.length() <= LONGEST_NAME ? plain : plain.substring(0, LONGEST_NAME - 1) + "…";
    }
}
