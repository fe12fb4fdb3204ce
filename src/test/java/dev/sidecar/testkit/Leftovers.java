package dev.sidecar.testkit;

import java.util.ArrayList;
import java.util.List;

/**
 * What a sidecar holds for requests.
 *
 * @param slots of the budget that are not given back
 * @param waiting requests in the queue
 * @param calls whether a connection to the provider is leased
 * @param threads of requests that run
 */
record Leftovers(int slots, int waiting, boolean calls, List<String> threads) {

    boolean none() {
        return slots == 0 && waiting == 0 && !calls && threads.isEmpty();
    }

    @Override
    public String toString() {
        var parts = new ArrayList<String>();
        if (slots != 0) {
            parts.add(slots + " open slots");
        }
        if (waiting != 0) {
            parts.add(waiting + " waiting requests");
        }
        if (calls) {
            parts.add("a leased connection to the provider");
        }
        if (!threads.isEmpty()) {
            parts.add("threads " + threads);
        }
        return String.join(", ", parts);
    }
}
