package dev.sidecar.http;

import java.math.BigDecimal;
import java.time.Instant;

/** A point in time as JSON has it: seconds since 1970, to the millisecond. */
public final class UnixTime {

    private UnixTime() {
    }

    public static BigDecimal seconds(Instant time) {
        return BigDecimal.valueOf(time.toEpochMilli(), 3);
    }
}
