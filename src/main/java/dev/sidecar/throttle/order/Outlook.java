package dev.sidecar.throttle.order;

import java.util.List;

/**
 * The queue ahead if no other request comes: the first requests one by one, all others by their expected starts.
 *
 * @param first in the order of their expected starts
 * @param later how many of the others start in each second, the nearest second first
 */
public record Outlook(List<WaitingRequest> first, List<StartBin> later) {

    public Outlook {
        first = List.copyOf(first);
        later = List.copyOf(later);
    }
}
