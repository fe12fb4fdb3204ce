package dev.sidecar.simulator.limits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.simulator.limits.ProviderLimit.Decision.Accepted;
import dev.sidecar.simulator.limits.ProviderLimit.Decision.Refused;
import java.util.ArrayList;
import java.util.List;

/** What a shape must decide, told from all that came before and so slowly that it is easy to see. Times from 0. */
@FunctionalInterface
interface Reference {

    ProviderLimit.Request ANY = new ProviderLimit.Request("/v1/chat/completions", "m");

    boolean accepts(List<Past> past, long time);

    /** An earlier request. */
    record Past(long time, boolean accepted) {
    }

    static long accepted(List<Past> past, long from, long before) {
        return past.stream().filter(p -> p.accepted() && p.time() >= from && p.time() < before).count();
    }

    /**
     * Sends requests with these gaps between them to a limit whose clock reads {@code origin} at time 0, and checks each
     * decision. A refusal must also name the very nanosecond from which the request would be let in.
     *
     * @return what became of the requests
     */
    default List<Past> check(ProviderLimit limit, long origin, List<Long> gaps) {
        List<Past> past = new ArrayList<>();
        long time = 0;
        for (long gap : gaps) {
            time += gap;
            boolean accept = accepts(past, time);
            switch (limit.decide(ANY, origin + time)) {
                case Accepted _ -> {
                    assertThat(accept).as("accepted at %d after %s", time, past).isTrue();
                    past.add(new Past(time, true));
                }
                case Refused(var retryAfter) -> {
                    assertThat(accept).as("refused at %d after %s", time, past).isFalse();
                    past.add(new Past(time, false));
                    long again = time + retryAfter.toNanos();
                    assertThat(accepts(past, again)).as("at %d after %s", again, past).isTrue();
                    assertThat(accepts(past, again - 1)).as("just before %d after %s", again, past).isFalse();
                }
                case ProviderLimit.Decision.WorkersBusy busy -> throw new AssertionError(busy);
            }
        }
        return past;
    }
}
