package dev.sidecar.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * Why the sidecar is not just serving: one fact, with its figures. Views put it into words. Times called {@code since} are
 * seconds since 1970.
 */
@JsonPropertyOrder({"code", "severity"})
public sealed interface Cause {

    /** Its name in answers. */
    @JsonProperty
    default String code() {
        return switch (this) {
            case ShuttingDown _ -> "shutting_down";
            case CircuitOpen _ -> "circuit_open";
            case KeyRefused _ -> "key_refused";
            case UpstreamUnreachable _ -> "upstream_unreachable";
            case BudgetStands _ -> "budget_stands";
            case QueueNearlyFull _ -> "queue_nearly_full";
            case CircuitHalfOpen _ -> "circuit_half_open";
            case Paused _ -> "paused";
            case KeyRefusedForModel _ -> "key_refused_for_model";
            case RateLowered _ -> "rate_lowered";
            case RoutesRefused _ -> "routes_refused";
            case Waiting _ -> "waiting";
        };
    }

    @JsonProperty
    default Severity severity() {
        return switch (this) {
            case ShuttingDown _,CircuitOpen _,KeyRefused _,UpstreamUnreachable _,BudgetStands _ -> Severity.BAD;
            case QueueNearlyFull _,CircuitHalfOpen _,Paused _,KeyRefusedForModel _,RateLowered _,RoutesRefused _ ->
                Severity.WARN;
            case Waiting _ -> Severity.BUSY;
        };
    }

    /** It has been told to stop. */
    record ShuttingDown() implements Cause {
    }

    /**
     * Nothing is sent, since the provider failed too often.
     *
     * @param failed of the {@code calls} that the breaker goes by
     * @param probeSeconds until a request may try whether the provider is back
     */
    record CircuitOpen(int failed, int calls, double probeSeconds) implements Cause {
    }

    /** The provider refuses the key for all requests. */
    record KeyRefused(String key, int status, BigDecimal since) implements Cause {
    }

    /** No connection to the provider can be made. */
    record UpstreamUnreachable(BigDecimal since) implements Cause {
    }

    /** Somebody could have been sent for longer than a whole window, and nobody was. */
    record BudgetStands() implements Cause {
    }

    /** New requests are about to be refused, or sent without a slot. */
    record QueueNearlyFull(int waiting, int most) implements Cause {
    }

    /** A few requests try whether the provider is back. */
    record CircuitHalfOpen() implements Cause {
    }

    /** Nothing is sent for a while, since the provider has asked for that. */
    record Paused(double seconds) implements Cause {
    }

    /**
     * The key was refused for one model, which it may lack alone; nothing was served since.
     *
     * @param model absent when it cannot be told
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
     * @param problem the first
     * @param more how many there are besides
     */
    record RoutesRefused(String problem, int more, BigDecimal since) implements Cause {
    }

    /** Requests wait for their turns, which is what the sidecar is for. */
    record Waiting(int waiting, double longestSeconds) implements Cause {
    }
}
