package dev.sidecar.ops;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;

/**
 * What the sidecar is going through at one moment: the one state that {@code /status}, its text, {@code /health/ready},
 * the dashboard and the metrics go by.
 *
 * @param causes the worst first; none when it just serves
 * @param checks what readiness is made of
 */
public record Condition(List<Cause> causes, @JsonIgnore Checks checks) {

    public Condition {
        causes = List.copyOf(causes);
    }

    /** The code of the worst cause, or {@code serving}. */
    public String getState() {
        return causes.isEmpty() ? "serving" : causes.getFirst().code();
    }

    public Severity getSeverity() {
        return causes.isEmpty() ? Severity.GOOD : causes.getFirst().severity();
    }

    boolean has(Class<? extends Cause> kind) {
        return causes.stream().anyMatch(kind::isInstance);
    }

    /**
     * The body of {@code /health/ready}.
     *
     * @param keyAccepted no part of {@code ready}: all replicas have the same key, so that nobody would be left to pass on
     *            what the provider says of it
     */
    record Checks(boolean ready, boolean upstreamReachable, boolean queueHealthy, boolean tokenBucketHealthy,
            boolean keyAccepted) {
    }
}
