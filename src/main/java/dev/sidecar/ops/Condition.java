package dev.sidecar.ops;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;

/**
 * The state of the sidecar at one moment. {@code /status}, its text, {@code /health/ready}, the dashboard and the
 * metrics all use it.
 *
 * @param causes the worst first; none during plain serving
 * @param checks the parts of readiness
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
     * @param keyAccepted no part of {@code ready}: all replicas have the same key, so none would remain ready to pass
     *        on the provider's response
     */
    record Checks(boolean ready, boolean upstreamReachable, boolean queueHealthy, boolean tokenBucketHealthy,
            boolean keyAccepted) {
    }
}
