package dev.sidecar.ops;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;

/**
 * The state of the sidecar at one moment. {@code /status}, its text, {@code /health/ready}, the dashboard and the
 * metrics all use it.
 *
 * @param state that of the worst cause, or {@link State#SERVING}
 * @param headline what the sidecar does now, in one sentence
 * @param detail why, and what else is to be known
 * @param causes the worst first; none during plain serving
 * @param checks the parts of readiness
 */
public record Condition(State state, String headline, String detail, List<Cause> causes, @JsonIgnore Checks checks) {

    public Condition {
        causes = List.copyOf(causes);
    }

    public Severity getSeverity() {
        return state.severity();
    }

    /**
     * The parts of {@code /health/ready}.
     *
     * @param keyAccepted no part of {@code ready}: all replicas have the same key, so none would remain ready to pass
     *        on the provider's response
     */
    record Checks(boolean ready, boolean upstreamReachable, boolean queueHealthy, boolean tokenBucketHealthy,
            boolean keyAccepted) {
    }
}
