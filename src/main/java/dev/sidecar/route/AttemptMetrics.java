package dev.sidecar.route;

import dev.sidecar.call.ClientCall;
import dev.sidecar.traffic.Timings;
import dev.sidecar.traffic.Traffic;
import dev.sidecar.traffic.UpstreamEvidence;
import dev.sidecar.traffic.UpstreamEvidence.Source;
import dev.sidecar.upstream.NoResponseException;
import dev.sidecar.upstream.UpstreamErrors;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of single attempts at the provider: how long the head of the response takes, what it shows of the provider and
 * the key, and errors. Each error goes through the route {@code upstream-error} with its kind, one of
 * {@link UpstreamErrors#LABELS}, in the exchange property {@value #ERROR}. Thread-safe.
 */
public final class AttemptMetrics {

    public static final String ERROR = "SidecarUpstreamError";

    private static final int FAILED = 500;

    private final SideRoute errors;
    private final Timings timings;
    private final Traffic traffic;
    private final ProviderLog log;
    private final UpstreamEvidence evidence;
    private final Runnable probe;

    /** @param probe asks the provider about the key, without waiting for it */
    public AttemptMetrics(SideRoute errors, Timings timings, Traffic traffic, ProviderLog log,
            UpstreamEvidence evidence,
            Runnable probe) {
        this.errors = errors;
        this.timings = timings;
        this.traffic = traffic;
        this.log = log;
        this.evidence = evidence;
        this.probe = probe;
    }

    void answered(ClientCall call, int status, Duration sinceWrite) {
        timings.answered(sinceWrite);
        log.answered(status, sinceWrite);
        if (evidence.requestAnswered(status, call.isThrottled(), call.model())) {
            probe.run();
        }
        if (status >= FAILED) {
            traffic.upstreamError();
            evidence.attemptFailed("status " + status);
        }
        error(UpstreamErrors.ofStatus(status));
    }

    void failed(IOException failure) {
        var label = UpstreamErrors.ofFailure(failure);
        if (label != null) {
            log.failed(failure);
            evidence.attemptFailed(UpstreamFailures.inWords(failure));
            traffic.upstreamError();
        }
        if (failure instanceof NoResponseException || failure instanceof ConnectTimeoutException) {
            evidence.failed(Source.REQUEST);
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
