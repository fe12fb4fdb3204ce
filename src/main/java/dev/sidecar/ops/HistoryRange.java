package dev.sidecar.ops;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** How much of the past a viewer asks for. */
enum HistoryRange {
    FIVE_MINUTES("5m", Duration.ofMinutes(5)), FIFTEEN_MINUTES("15m", Duration.ofMinutes(15)), HOUR("1h",
            Duration.ofHours(1)),
    SIX_HOURS("6h", Duration.ofHours(6)), DAY("24h", Duration.ofHours(24));

    /** All labels, for people. */
    static final String LABELS = Arrays.stream(values()).map(range -> range.label).collect(Collectors.joining(", "));

    private final String label;
    private final Duration length;

    HistoryRange(String label, Duration length) {
        this.label = label;
        this.length = length;
    }

    static Optional<HistoryRange> of(String label) {
        return Arrays.stream(values()).filter(range -> range.label.equals(label)).findFirst();
    }

    String label() {
        return label;
    }

    /** The distance of two points: what is kept for so long. */
    Duration step() {
        return length.compareTo(FIFTEEN_MINUTES.length) <= 0 ? History.EVERY : History.MINUTE;
    }

    int points() {
        return (int) length.dividedBy(step());
    }
}
