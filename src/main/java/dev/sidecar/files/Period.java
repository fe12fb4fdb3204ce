package dev.sidecar.files;

import java.time.Duration;

/** A time in the files that operators edit: a number and a unit, such as {@code 10s}, {@code 1m}, {@code 12h} or {@code 31d}. Stateless. */
public final class Period {

    private Period() {
    }

    /** @param text digits, followed by one of s, m, h and d */
    public static Duration of(String text) {
        var unit = switch (text.charAt(text.length() - 1)) {
            case 's' -> Duration.ofSeconds(1);
            case 'm' -> Duration.ofMinutes(1);
            case 'h' -> Duration.ofHours(1);
            default -> Duration.ofDays(1);
        };
        return unit.multipliedBy(Long.parseLong(text.substring(0, text.length() - 1)));
    }
}
