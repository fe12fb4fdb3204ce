package dev.sidecar.route;

import dev.sidecar.call.ClientCall;
import dev.sidecar.traffic.Evidences;
import dev.sidecar.traffic.Timings;
import dev.sidecar.traffic.Traffic;
import dev.sidecar.traffic.UpstreamEvidence;
import dev.sidecar.traffic.UpstreamEvidence.Source;
import dev.sidecar.upstream.NoResponseException;
import dev.sidecar.upstream.UpstreamErrors;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of single attempts at the provider: how long the head of the response takes, what it shows of the provider and
 * the key, and errors. Each error goes through the route {@code upstream-error} with its kind, one of
 * {@link UpstreamErrors#LABELS}, in the exchange property {@value #ERROR}, and the provider in {@value #PROVIDER}. Thread-safe.
 */
public final class AttemptMetrics {

    public static final String ERROR = "SidecarUpstreamError";
    public static final String PROVIDER = "SidecarProvider";

    private static final int FAILED = 500;

    private final SideRoute errors;
    private final Timings timings;
    private final Traffic traffic;
    private final ProviderLogs logs;
    private final Evidences evidences;
    private final Consumer<UpstreamEvidence> probe;

    /** @param probe asks the provider about the key, without waiting for it */
    public AttemptMetrics(SideRoute errors, Timings timings, Traffic traffic, ProviderLogs logs, Evidences evidences,
            Consumer<UpstreamEvidence> probe) {
        this.errors = errors;
        this.timings = timings;
        this.traffic = traffic;
        this.logs = logs;
        this.evidences = evidences;
        this.probe = probe;
    }

    void answered(ClientCall call, ClientCall.KeyUsed used, int status, Duration sinceWrite) {
        timings.answered(used.provider(), sinceWrite);
        logs.of(used.provider()).answered(status, sinceWrite);
        var evidence = evidence(used);
        if (evidence.requestAnswered(status, call.isThrottled(), call.model(), call.client().name())) {
            probe.accept(evidence);
        }
        if (status >= FAILED) {
            traffic.upstreamError();
            evidence.attemptFailed("status " + status);
        }
        error(UpstreamErrors.ofStatus(status), used);
    }

    private UpstreamEvidence evidence(ClientCall.KeyUsed used) {
        return evidences.of(new Evidences.Id(used.provider(), used.key()));
    }

    void failed(IOException failure, ClientCall.KeyUsed used) {
        var label = UpstreamErrors.ofFailure(failure);
        var evidence = evidence(used);
        if (label != null) {
            logs.of(used.provider()).failed(failure);
            evidence.attemptFailed(UpstreamFailures.inWords(failure));
            traffic.upstreamError();
        }
        if (failure instanceof NoResponseException || failure instanceof ConnectTimeoutException) {
            evidence.failed(Source.REQUEST);
        }
        error(label, used);
    }

    void aborted() {
        traffic.upstreamCancelled();
    }

    private void error(@Nullable String label, ClientCall.KeyUsed used) {
        if (label != null) {
            errors.send(null, Map.of(ERROR, label, PROVIDER, used.provider()));
        }
    }
}
