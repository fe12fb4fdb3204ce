package dev.sidecar.http;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** The {@code X-Request-Id} of a request: the client's own when it is sane, else a new one. Thread-safe. */
public final class RequestIds {

    public static final String HEADER = "X-Request-Id";

    /** Its name in log lines. */
    public static final String LOG_FIELD = "request_id";

    /** Characters that can forge neither a log line nor a header. */
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

    /** Adds the id to every log line of this thread from now on. For threads that serve one request and then end. */
    public static void logOnThisThread(String id) {
        MDC.put(LOG_FIELD, id);
    }

    /** A random identifier; unique enough to find a line in a log, but no secret. */
    public static String create() {
        return "req_" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    }
}
