package dev.sidecar.throttle.quota;

import dev.sidecar.throttle.count.Use;
import java.time.Duration;
import java.util.List;

/**
 * What a client has used of one of its own limits, apart from the process that has counted it. Immutable.
 *
 * @param tokens whether the limit is one of tokens, and not of requests
 * @param per the period of the limit
 * @param uses what counts, oldest first
 */
public record PeriodUse(boolean tokens, Duration per, List<Use> uses) {

    public PeriodUse {
        uses = List.copyOf(uses);
    }

    /** The same after some time without use, at least 0. */
    public PeriodUse after(Duration passed) {
        return new PeriodUse(tokens, per, uses.stream().map(each -> each.after(passed)).toList());
    }
}
