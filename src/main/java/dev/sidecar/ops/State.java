package dev.sidecar.ops;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What the sidecar does, or what keeps it from doing more. Declared from the least serious to the most serious. */
public enum State {
    /** Every request is sent at once. */
    SERVING(Severity.GOOD),
    /** Requests wait for their turns. */
    WAITING(Severity.BUSY),
    /** A key rests because the provider refused; others are used. */
    KEY_PAUSED(Severity.BUSY),
    /** An edit of the routes is not in force. */
    ROUTES_REFUSED(Severity.WARN),
    /** An edit of the file of clients is not in force. */
    CONFIG_REFUSED(Severity.WARN),
    /** What must outlive a restart cannot be written down. */
    STATE_UNWRITTEN(Severity.WARN),
    /** The replica cannot reach the others of its fleet, and sends its own part of each limit. */
    FLEET_ALONE(Severity.WARN),
    /** The provider allows less than the operator's limit. */
    RATE_LOWERED(Severity.WARN),
    /** The provider refuses the key for one model. */
    KEY_REFUSED_FOR_MODEL(Severity.WARN),
    /** The provider refuses a key; others are used. */
    KEY_OUT(Severity.WARN),
    /** A provider serves nobody; others do. */
    PROVIDER_OUT(Severity.WARN),
    /** Nothing is sent for a while, because the provider refused. */
    PAUSED(Severity.WARN),
    /** A few requests probe whether the provider is back. */
    CIRCUIT_HALF_OPEN(Severity.WARN),
    /** New requests are about to be refused, or sent without a slot. */
    QUEUE_NEARLY_FULL(Severity.WARN),
    /** Requests could be sent, and none is. */
    BUDGET_STANDS(Severity.BAD),
    /** The replica cannot reach the others of its fleet, and may send nothing. */
    NO_SHARE(Severity.BAD),
    /** No connection to the provider can be made. */
    UPSTREAM_UNREACHABLE(Severity.BAD),
    /** The provider refuses the key. */
    KEY_REFUSED(Severity.BAD),
    /** Nothing is sent, because the provider failed too often. */
    CIRCUIT_OPEN(Severity.BAD),
    /** The sidecar has been told to stop. */
    SHUTTING_DOWN(Severity.BAD);

    private final Severity severity;
    private final String label = name().toLowerCase(Locale.ROOT);

    State(Severity severity) {
        this.severity = severity;
    }

    public Severity severity() {
        return severity;
    }

    /** The name in JSON and metrics. */
    @JsonValue
    public String label() {
        return label;
    }
}
