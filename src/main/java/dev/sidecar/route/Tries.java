package dev.sidecar.route;

import dev.sidecar.relay.UpstreamErrors;
import dev.sidecar.traffic.Timings;
import dev.sidecar.traffic.Traffic;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of single tries at the provider: how long the head of the answer takes, and errors, each of which goes
 * through the route {@code upstream-error} with its kind, one of {@link UpstreamErrors#LABELS}, in the exchange property
 * {@value #ERROR}. Thread-safe.
 */
public final class Tries {

    public static final String ERROR = "SidecarUpstreamError";

    private static final int FAILED = 500;

    private final SideRoute errors;
    private final Timings timings;
    private final Traffic traffic;
    private final ProviderLog log;

    public Tries(SideRoute errors, Timings timings, Traffic traffic, ProviderLog log) {
        this.errors = errors;
        this.timings = timings;
        this.traffic = traffic;
        this.log = log;
    }

    void answered(int status, Duration sinceWrite) {
        timings.answered(sinceWrite);
        log.answered(status, sinceWrite);
        if (status >= FAILED) {
            traffic.upstreamError();
        }
        error(UpstreamErrors.ofStatus(status));
    }

    void failed(IOException failure) {
        var label = UpstreamErrors.ofFailure(failure);
        if (label != null) {
            log.failed(failure);
            traffic.upstreamError();
        }
        error(label);
    }

    void aborted() {
        traffic.upstreamCancelled();
    }

    private void error(@Nullable String label) {
        if (label != null) {
            errors.send(null, Map.of(ERROR, label));
        }
    }
}
