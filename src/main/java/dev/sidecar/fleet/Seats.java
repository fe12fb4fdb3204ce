package dev.sidecar.fleet;

import dev.sidecar.throttle.pool.AccountId;
import java.util.List;

/**
 * What a home has of an account's limit. Immutable.
 *
 * @param part what it may send in any 60 s
 * @param busy for each of its requests that the provider may still count, how long it counts on, in milliseconds; the first to
 *        end is the first. A slot in hand counts for the longest time
 */
public record Seats(AccountId account, int part, List<Long> busy) {

    public Seats {
        busy = List.copyOf(busy);
    }
}
