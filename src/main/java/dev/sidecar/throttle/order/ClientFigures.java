package dev.sidecar.throttle.order;

import dev.sidecar.throttle.quota.ClientQuota;
import java.time.Duration;
import java.util.List;

/**
 * A client as an operator sees it.
 *
 * @param weight its share inside a class
 * @param waiting its waiting requests, of all classes
 * @param running its requests that have a slot and have not ended
 * @param granted slots that it got since the start, further attempts included
 * @param refused its requests that the sidecar refused since the start
 * @param limits its own limits and what counts against them now
 * @param reserved the tokens that its requests under way hold of its own limits
 * @param hold what holds its next request back
 * @param heldFor until its periods allow its next request; 0 if they do
 */
public record ClientFigures(String name, int weight, int waiting, int running, long granted, long refused,
        List<ClientQuota.Use> limits, long reserved, ClientQuota.Hold hold, Duration heldFor) {

    public ClientFigures {
        limits = List.copyOf(limits);
    }
}
