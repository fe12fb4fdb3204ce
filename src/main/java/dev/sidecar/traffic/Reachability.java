package dev.sidecar.traffic;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whether the provider can be reached, by the latest answer and the latest failure. One failed connection among answers
 * shows nothing: it counts when no answer has come for {@link #ANSWER_HOLDS}.
 *
 * <p>Immutable; the methods return the next state. Times in nanoseconds are those of one monotonic clock.
 */
record Reachability(@Nullable Heard answer, @Nullable Heard failure, @Nullable Instant failsSince) {

    /** As long as this after an answer a failure is taken for one of a kind. */
    static final Duration ANSWER_HOLDS = Duration.ofSeconds(3);

    static final Reachability NOTHING_HEARD = new Reachability(null, null, null);

    /** What the evidence says. */
    enum State {
        UNKNOWN, REACHABLE, UNREACHABLE
    }

    /** One sign. */
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

    /** The sign that the state goes by, null before the first. */
    @Nullable
    Heard latest() {
        return failsSince == null ? answer : failure;
    }
}
