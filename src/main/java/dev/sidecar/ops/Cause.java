package dev.sidecar.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A reason for a state other than plain serving: one fact, with its figures. {@link Verdict} puts it into
 * words. Times called
 * {@code since} are seconds since 1970.
 */
@JsonPropertyOrder({"code", "severity"})
public sealed interface Cause {

    /** The state that it brings about; its name in JSON is the cause's code. */
    @JsonProperty("code")
    default State state() {
        return switch (this) {
            case ShuttingDown _ -> State.SHUTTING_DOWN;
            case CircuitOpen _ -> State.CIRCUIT_OPEN;
            case KeyRefused _ -> State.KEY_REFUSED;
            case UpstreamUnreachable _ -> State.UPSTREAM_UNREACHABLE;
            case BudgetStands _ -> State.BUDGET_STANDS;
            case QueueNearlyFull _ -> State.QUEUE_NEARLY_FULL;
            case CircuitHalfOpen _ -> State.CIRCUIT_HALF_OPEN;
            case Paused _ -> State.PAUSED;
            case ProviderOut _ -> State.PROVIDER_OUT;
            case KeyOut _ -> State.KEY_OUT;
            case KeyPaused _ -> State.KEY_PAUSED;
            case KeyRefusedForModel _ -> State.KEY_REFUSED_FOR_MODEL;
            case RateLowered _ -> State.RATE_LOWERED;
            case RoutesRefused _ -> State.ROUTES_REFUSED;
            case ConfigRefused _ -> State.CONFIG_REFUSED;
            case StateUnwritten _ -> State.STATE_UNWRITTEN;
            case FleetAlone _ -> State.FLEET_ALONE;
            case NoShare _ -> State.NO_SHARE;
            case Waiting _ -> State.WAITING;
        };
    }

    @JsonProperty
    default Severity severity() {
        return state().severity();
    }

    /** The sidecar has been told to stop. */
    record ShuttingDown() implements Cause {
    }

    /**
     * Nothing is sent, because the provider failed too often.
     *
     * @param provider its name; absent where there is only one
     * @param failed how many of the {@code calls} in the breaker's window failed
     * @param slow how many of them took too long
     * @param latestFailure how the latest attempt failed; absent if unknown
     * @param probeSeconds until a request may probe the provider
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record CircuitOpen(@Nullable String provider, int failed, int slow, int calls, @Nullable String latestFailure,
            double probeSeconds) implements Cause {
    }

    /** The provider refuses the key for all requests. */
    record KeyRefused(String key, int status, BigDecimal since) implements Cause {
    }

    /**
     * No connection to the provider can be made.
     *
     * @param provider its name; absent where there is only one
     * @param latestFailure how the latest attempt failed; absent if unknown
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record UpstreamUnreachable(@Nullable String provider, BigDecimal since, @Nullable String latestFailure)
            implements
                Cause {
    }

    /** A request could have been sent for longer than a whole window, and none was. */
    record BudgetStands() implements Cause {
    }

    /** New requests are about to be refused, or sent without a slot. */
    record QueueNearlyFull(int waiting, int most) implements Cause {
    }

    /**
     * A few requests probe whether the provider is back.
     *
     * @param provider its name; absent where there is only one
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record CircuitHalfOpen(@Nullable String provider) implements Cause {
    }

    /**
     * A provider serves nobody, while others serve.
     *
     * @param reason the state that it would be if there were no others
     * @param since when it could be reached no more; absent for another reason
     * @param latestFailure how the latest attempt failed; absent if unknown
     * @param probeSeconds until a request may probe it; absent unless its circuit is open
     * @param serving the names of those that serve
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ProviderOut(String provider, State reason, @Nullable BigDecimal since, @Nullable String latestFailure,
            @Nullable Double probeSeconds, List<String> serving) implements Cause {

        public ProviderOut {
            serving = List.copyOf(serving);
        }
    }

    /** The provider refuses a key for all requests, while others are used. */
    record KeyOut(String provider, String key, int status, BigDecimal since) implements Cause {
    }

    /**
     * Nothing is sent with some keys for a while, because the provider has asked for that. Others are used.
     *
     * @param seconds until the first of them is used again
     */
    record KeyPaused(List<String> keys, double seconds) implements Cause {

        public KeyPaused {
            keys = List.copyOf(keys);
        }
    }

    /** Nothing is sent for a while, because the provider has asked for that. */
    record Paused(double seconds) implements Cause {
    }

    /**
     * The key was refused for one model, perhaps only for this one; nothing was served since.
     *
     * @param model absent if unknown
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record KeyRefusedForModel(String key, int status, @Nullable String model, BigDecimal since) implements Cause {
    }

    /** The provider allows less than the operator's limit. */
    record RateLowered(double effectiveRpm, double baseRpm) implements Cause {
    }

    /**
     * An edit of the routes is not in force.
     *
     * @param problem the first problem
     * @param more how many further problems there are
     */
    record RoutesRefused(String problem, int more, BigDecimal since) implements Cause {
    }

    /**
     * An edit of the file of clients is not in force.
     *
     * @param problem the first problem
     * @param more how many further problems there are
     */
    record ConfigRefused(String problem, int more, BigDecimal since) implements Cause {
    }

    /** What must outlive a restart cannot be written down. */
    record StateUnwritten(String problem, BigDecimal since) implements Cause {
    }

    /**
     * The replica cannot reach the others of its fleet, and sends its own part of each limit.
     *
     * @param partRpm of all limits together, in any 60 s
     */
    record FleetAlone(String replica, int partRpm) implements Cause {
    }

    /** The replica cannot reach the others of its fleet, and has no part of a limit. */
    record NoShare(String replica) implements Cause {
    }

    /** Requests wait for their turns, which is normal operation. */
    record Waiting(int waiting, double longestSeconds) implements Cause {
    }
}
