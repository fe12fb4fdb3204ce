package dev.sidecar.throttle.order;

import java.time.Duration;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** All refusals by the sidecar itself, each naming the rule and the values that broke it. All times in nanoseconds. */
public final class Refusals {

    private static final long SECOND = 1_000_000_000L;
    /** A supervisor replaces a stopping process in seconds, and a load balancer needs as long to notice. */
    private static final long RESTART_NANOS = 5 * SECOND;

    /** An operator may hold a circuit open for as long as he likes. */
    private static final long LONGEST_PROBE_SECONDS = 600;

    private Refusals() {
    }

    /**
     * The longest wait of a request.
     *
     * @param operator the class whose setting gives this value, or null if the client gave it
     */
    record Limit(long nanos, @Nullable Priority operator) {

        /** Such as "2 s (SIDECAR_LOW_TIMEOUT, for requests of low priority)". */
        @Override
        public String toString() {
            String seconds = seconds(nanos) + " s";
            if (operator == null) {
                return seconds;
            }
            return operator == Priority.LOW
                    ? seconds + " (SIDECAR_LOW_TIMEOUT, for requests of low priority)"
                    : seconds + " (SIDECAR_QUEUE_TIMEOUT)";
        }
    }

    static Refusal queueFull(int waiting, int queueMax, long retryNanos) {
        long retry = wholeSeconds(retryNanos);
        return refusal(Refusal.Reason.QUEUE_FULL, retry, "The sidecar's queue is full: " + waiting
                + " requests are waiting and its size is " + queueMax + ". Try again in " + retry + " s.");
    }

    static Refusal displaced(Priority by, int queueMax, long retryNanos) {
        long retry = wholeSeconds(retryNanos);
        return refusal(Refusal.Reason.QUEUE_FULL, retry, "The sidecar's queue is full, its size is " + queueMax
                + ": this request has made room for one of " + by.label() + " priority. Try again in " + retry + " s.");
    }

    static Refusal deadlineUnreachable(Limit deadline, int limitPerMinute, int waiting, long startNanos,
            long retryNanos) {
        long retry = wholeSeconds(retryNanos);
        return refusal(Refusal.Reason.DEADLINE_UNREACHABLE, retry,
                "This request cannot be sent within its deadline of " + deadline
                        + ": with the sidecar's budget of " + limitPerMinute
                        + " requests per minute, and " + waiting + " others before it, it would start in "
                        + seconds(startNanos) + " s at the earliest. Try again in " + retry + " s.");
    }

    static Refusal hopeless(Limit deadline, long startNanos, long retryNanos) {
        long retry = wholeSeconds(retryNanos);
        return refusal(Refusal.Reason.DEADLINE_UNREACHABLE, retry,
                "This request can no longer be sent within its deadline of " + deadline
                        + ": the provider's limit, or a pause that it asked for, allows a start in "
                        + seconds(startNanos) + " s at the earliest. Try again in " + retry + " s.");
    }

    static Refusal queueTimeout(Limit deadline, int limitPerMinute, int waiting, long retryNanos) {
        long retry = wholeSeconds(retryNanos);
        return refusal(Refusal.Reason.QUEUE_TIMEOUT, retry,
                "This request's deadline of " + deadline
                        + " passed in the sidecar's queue: with its budget of " + limitPerMinute
                        + " requests per minute no slot was free in time, " + waiting
                        + " others are still waiting. Try again in " + retry + " s.");
    }

    static Refusal modelTimeout(Limit deadline, int cap, long retryNanos) {
        long retry = wholeSeconds(retryNanos);
        return refusal(Refusal.Reason.QUEUE_TIMEOUT, retry,
                "This request's deadline of " + deadline
                        + " passed in the sidecar's queue: the provider refuses more than " + cap
                        + " of the sidecar's requests for this model at a time, a limit that all users of the model"
                        + " share, and none of them ended in time. Try again in " + retry + " s.");
    }

    static Refusal displacedByShare(int queueMax, long retryNanos) {
        long retry = wholeSeconds(retryNanos);
        return refusal(Refusal.Reason.QUEUE_FULL, retry, "The sidecar's queue is full, its size is " + queueMax
                + ", and this client has more requests in it than its share: this one has made room for another client's."
                + " Try again in " + retry + " s.");
    }

    static Refusal clientQueueFull(ClientPolicy client, long retryNanos) {
        long retry = wholeSeconds(retryNanos);
        return refusal(Refusal.Reason.CLIENT_QUOTA, retry, "The client " + client.name() + " may have "
                + client.queue() + " requests waiting in the sidecar's queue, and has them. Try again in " + retry
                + " s.");
    }

    /** @param startNanos when the client's own limits let this request start */
    static Refusal clientQuota(ClientPolicy client, Limit deadline, long startNanos) {
        long retry = wholeSeconds(startNanos);
        return refusal(Refusal.Reason.CLIENT_QUOTA, retry, "The client " + client.name()
                + " has used up its own limit in this sidecar (" + limits(client) + "): this request could start in "
                + retry + " s at the earliest, and its deadline is " + deadline + ". Try again in " + retry + " s.");
    }

    static Refusal clientConcurrency(ClientPolicy client, Limit deadline) {
        long retry = 1; // nobody knows when one of them ends
        return refusal(Refusal.Reason.CLIENT_CONCURRENCY, retry, "This request's deadline of " + deadline
                + " passed in the sidecar's queue: the client " + client.name() + " may have " + client.concurrent()
                + " requests running at a time, and none of them ended in time. Try again in " + retry + " s.");
    }

    private static String limits(ClientPolicy client) {
        StringJoiner limits = new StringJoiner(", ");
        client.requestLimits().forEach(each -> limits.add(each.requests() + " requests per " + period(each.per())));
        client.tokenLimits().forEach(each -> limits.add(each.tokens() + " tokens per " + period(each.per())));
        return limits.toString();
    }

    /** Such as "day", "5 minutes" or "90 s". */
    private static String period(Duration per) {
        long seconds = per.toSeconds();
        if (seconds % 86_400 == 0) {
            return seconds == 86_400 ? "day" : seconds / 86_400 + " days";
        }
        if (seconds % 3600 == 0) {
            return seconds == 3600 ? "hour" : seconds / 3600 + " hours";
        }
        if (seconds % 60 == 0) {
            return seconds == 60 ? "minute" : seconds / 60 + " minutes";
        }
        return seconds + " s";
    }

    static Refusal retryTooLate(long patienceNanos, long remainingNanos, long startNanos) {
        long retry = wholeSeconds(startNanos);
        return refusal(Refusal.Reason.DEADLINE_UNREACHABLE, retry,
                "The provider did not serve this request and it cannot be tried again within its deadline of "
                        + seconds(patienceNanos) + " s: " + seconds(remainingNanos)
                        + " s of it are left and the next try could start in " + seconds(startNanos)
                        + " s at the earliest. Try again in " + retry + " s.");
    }

    static Refusal circuitOpen(long untilProbeNanos) {
        long retry = Math.min(wholeSeconds(untilProbeNanos), LONGEST_PROBE_SECONDS);
        return refusal(Refusal.Reason.CIRCUIT_OPEN, retry,
                "The provider is failing or answers too slowly, so the sidecar's circuit breaker is open and sends it"
                        + " nothing for now; it tries the provider again in " + retry + " s. Try again in " + retry
                        + " s.");
    }

    /** The providers have changed while it waited. */
    static Refusal servedByNobody() {
        return refusal(Refusal.Reason.DEADLINE_UNREACHABLE, 1, "The sidecar's providers have changed, and none of them"
                + " serves the model of this request any more.");
    }

    /** The request keeps the provider's own response. */
    static Refusal noOtherKey() {
        return refusal(Refusal.Reason.DEADLINE_UNREACHABLE, 1, "No other key of the sidecar may serve this request.");
    }

    /** This replica may send nothing, since the others have the whole limit. */
    static Refusal noShare() {
        long retry = wholeSeconds(RESTART_NANOS);
        return refusal(Refusal.Reason.NO_SHARE, retry,
                "This replica of the sidecar has no part of the limit while it cannot reach the others. Try another replica, or"
                        + " again in " + retry + " s.");
    }

    static Refusal shuttingDown() {
        long retry = wholeSeconds(RESTART_NANOS);
        return refusal(Refusal.Reason.SHUTTING_DOWN, retry,
                "The sidecar is shutting down and sends nothing more. Try again in " + retry + " s.");
    }

    private static Refusal refusal(Refusal.Reason reason, long retrySeconds, String message) {
        return new Refusal(reason, Duration.ofSeconds(retrySeconds), message);
    }

    /** Rounded up, because a client that comes back a moment too early is refused again; at least 1. */
    private static long wholeSeconds(long nanos) {
        return Math.max(1, Math.ceilDiv(nanos, SECOND));
    }

    /** For people: whole seconds without a fraction, otherwise tenths, rounded up. */
    private static String seconds(long nanos) {
        long tenths = Math.ceilDiv(Math.max(0, nanos), SECOND / 10);
        return tenths % 10 == 0 ? Long.toString(tenths / 10) : tenths / 10 + "." + tenths % 10;
    }
}
