package dev.sidecar.throttle.budget;

import dev.sidecar.throttle.count.Use;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What of a budget outlives its process: what was sent and what was learned. Immutable. Times are ages or time left,
 * never readings of a clock.
 *
 * @param ages the requests that the provider may still count, oldest first. An age is the time since the latest possible
 *        arrival; it is negative while the request may still arrive. A slot in hand counts as sent now
 * @param learned what the provider's responses have taught
 * @param pausedFor how long nothing may be sent, at least 0
 * @param pace what the distances of the next grants follow from
 * @param tokens what responses have cost, oldest first; what was reserved counts as used now
 */
public record BudgetState(List<Duration> ages, LearnedLimit learned, Duration pausedFor, Pace pace,
        List<Use> tokens) {

    /** The age of a request whose latest possible time of sending is now. */
    public static final Duration SENT_NOW = Duration.ofNanos(-BudgetRule.GUARD);

    /**
     * What the distances of the next grants follow from.
     *
     * @param sinceGrant since the latest grant
     * @param untilFullBurst how long it takes until a full burst may be sent at once, as far as the burst capacity is
     *        concerned, at least 0
     */
    public record Pace(Duration sinceGrant, Duration untilFullBurst) {

        Pace after(Duration passed) {
            return new Pace(sinceGrant.plus(passed), atLeastZero(untilFullBurst.minus(passed)));
        }
    }

    public BudgetState {
        ages = ages.stream().sorted(Comparator.reverseOrder()).toList();
        tokens = tokens == null ? List.of() : List.copyOf(tokens); // a version before this one wrote none
    }

    /** The same after some time without sending, at least 0. */
    public BudgetState after(Duration passed) {
        List<Duration> older = new ArrayList<>(ages.size());
        for (Duration age : ages) {
            Duration now = age.plus(passed);
            if (now.compareTo(Duration.ofNanos(BudgetRule.PERIOD)) < 0) {
                older.add(now);
            }
        }
        return new BudgetState(older, learned.after(passed), atLeastZero(pausedFor.minus(passed)),
                pace.after(passed), tokens.stream().map(each -> each.after(passed)).toList());
    }

    /** The same with these requests in place of its own. */
    public BudgetState withAges(List<Duration> others) {
        return new BudgetState(others, learned, pausedFor, pace, tokens);
    }

    private static Duration atLeastZero(Duration duration) {
        return duration.isNegative() ? Duration.ZERO : duration;
    }
}
