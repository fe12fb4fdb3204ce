package dev.sidecar.upstream.limits;

import java.time.Duration;
import java.util.Optional;

/**
 * Reads a length of time from a text, character by character: {@code 1h2m3.5s}, {@code 120ms}, {@code 6 seconds}.
 * Throws for no text; a length too long for a {@code long} of nanoseconds is cut. Not thread-safe.
 */
final class TimeScanner {

    static final long SECOND = 1_000_000_000L;
    static final long MILLISECOND = 1_000_000L;

    private static final long BILLION = 1_000_000_000L;
    /** Larger whole numbers are cut to this. */
    private static final long HUGE = 10_000_000_000_000L;

    private final String text;
    private int at;
    private long whole;
    /** In billionths. */
    private long fraction;
    private boolean fractional;

    TimeScanner(String text, int from) {
        this.text = text;
        this.at = from;
        skipSpaces();
    }

    /** Whether only spaces are left. */
    boolean atEnd() {
        skipSpaces();
        return at >= text.length();
    }

    /** Reads a decimal number without a sign; false, and nothing is read, if there is none. */
    boolean number() {
        int start = at;
        whole = 0;
        while (isDigit(at)) {
            whole = Math.min(HUGE, whole * 10 + (text.charAt(at++) - '0'));
        }
        return at > start && fraction();
    }

    /** A point that no digit follows is not part of the number: it ends a sentence. */
    private boolean fraction() {
        fraction = 0;
        fractional = at < text.length() && text.charAt(at) == '.' && isDigit(at + 1);
        if (fractional) {
            at++;
            for (long weight = BILLION / 10; isDigit(at); weight /= 10) {
                fraction += weight * (text.charAt(at++) - '0');
            }
        }
        return true;
    }

    /** The whole part of the number read last, at most 10<sup>13</sup>. */
    long whole() {
        return whole;
    }

    /** Whether the number read last has decimals. */
    boolean fractional() {
        return fractional;
    }

    /** The number read last, times a unit in nanoseconds. */
    Duration times(long unit) {
        return Duration.ofNanos(unit).multipliedBy(whole)
                .plusNanos((long) (fraction / (double) BILLION * unit));
    }

    /** Reads a sequence of numbers with units; empty if there is none. */
    Optional<Duration> units() {
        Duration sum = Duration.ZERO;
        int good = -1;
        while (number()) {
            long unit = unit();
            if (unit == 0 || sum.compareTo(Wait.LONGEST) > 0) {
                break;
            }
            sum = sum.plus(times(unit));
            good = at;
        }
        if (good < 0) {
            return Optional.empty();
        }
        at = good;
        return Optional.of(sum);
    }

    /** Reads a unit, as Go writes it or as a word; 0 if there is none. */
    private long unit() {
        skipSpaces();
        int start = at;
        while (at < text.length() && Character.isLetter(text.charAt(at))) {
            at++;
        }
        return switch (text.substring(start, at)) {
            case "ns" -> 1;
            case "us", "µs", "μs" -> 1_000;
            case "ms", "millisecond", "milliseconds" -> MILLISECOND;
            case "s", "sec", "secs", "second", "seconds" -> SECOND;
            case "m", "min", "mins", "minute", "minutes" -> 60 * SECOND;
            case "h", "hour", "hours" -> 3600 * SECOND;
            case "d", "day", "days" -> 86_400 * SECOND;
            default -> 0;
        };
    }

    private boolean isDigit(int position) {
        return position < text.length() && text.charAt(position) >= '0' && text.charAt(position) <= '9';
    }

    private void skipSpaces() {
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
    }
}
