package dev.sidecar.relay;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The {@code X-Request-Id} of a request: the client's own when it is sane, else a new one. Thread-safe. */
public final class RequestIds {

    public static final String HEADER = "X-Request-Id";

    /** What may stand in a log line and a header without being able to forge either. */
    private static final Pattern SANE = Pattern.compile("[A-Za-z0-9._:/=+-]{1,128}");

    private RequestIds() {
    }

    public static boolean isSane(@Nullable String id) {
        return id != null && SANE.matcher(id).matches();
    }

    /** The client's own identifier when it is sane, else a new one. */
    public static String of(@Nullable String own) {
        return own != null && isSane(own) ? own : create();
    }

    /** A random identifier; unique enough to find a line in a log, no secret. */
    public static String create() {
        return "req_" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    }
}
