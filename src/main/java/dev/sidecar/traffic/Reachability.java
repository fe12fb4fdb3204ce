package dev.sidecar.traffic;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whether the provider can be reached, judged by the latest response and the latest failure. A single failed connection
 * among responses proves nothing. A failure counts when no response has come for {@link #ANSWER_HOLDS}.
 *
 * <p>Immutable; the methods return the next state. Times in nanoseconds are those of one monotonic clock.
 */
record Reachability(@Nullable Heard answer, @Nullable Heard failure, @Nullable Instant failsSince) {

    /** For this long after a response, a failure counts as an exception. */
    static final Duration ANSWER_HOLDS = Duration.ofSeconds(3);

    static final Reachability NOTHING_HEARD = new Reachability(null, null, null);

    /** The state that follows from the evidence. */
    enum State {
        UNKNOWN, REACHABLE, UNREACHABLE
    }

    /** One response or failure. */
    record Heard(long nanos, UpstreamEvidence.Source source) {
    }

    Reachability answered(Heard heard) {
        return new Reachability(heard, failure, null);
    }

    Reachability failed(Heard heard, Instant now) {
        return new Reachability(answer, heard, failsSince == null ? now : failsSince);
    }

    State state(long nowNanos) {
        if (failsSince == null) {
            return answer == null ? State.UNKNOWN : State.REACHABLE;
        }
        return answer != null && nowNanos - answer.nanos < ANSWER_HOLDS.toNanos()
                ? State.REACHABLE
                : State.UNREACHABLE;
    }

    /** The response or failure that decides the state, null before the first. */
    @Nullable
    Heard latest() {
        return failsSince == null ? answer : failure;
    }
}
