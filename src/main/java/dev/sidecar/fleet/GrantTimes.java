package dev.sidecar.fleet;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * How long the way to the leader and back takes: from the moment a request says that it waits to its grant, without the time that it
 * waited in the leader's queue. It reads what a replica sends to others and hears from them, so the leader's own requests are left out.
 * Not thread-safe. All times in nanoseconds.
 */
final class GrantTimes {

    private static final long MICRO = 1_000;

    private final LongConsumer took;
    private final Map<Call, Long> saidAt = new HashMap<>();

    GrantTimes(LongConsumer took) {
        this.took = took;
    }

    void sent(List<Message> messages, long now) {
        for (Message each : messages) {
            switch (each) {
                case Message.Hello _ -> saidAt.clear(); // all that wait are said again
                case Message.Waits waits -> saidAt.put(waits.request().call(), now);
                case Message.Left left -> saidAt.remove(left.call());
                default -> {
                    // says nothing about who waits
                }
            }
        }
    }

    void heard(List<Message> messages, long now) {
        for (Message each : messages) {
            switch (each) {
                case Message.Grant grant -> granted(grant, now);
                case Message.Refused refused -> saidAt.remove(refused.call());
                default -> {
                    // no answer
                }
            }
        }
    }

    private void granted(Message.Grant grant, long now) {
        Long at = saidAt.remove(grant.call());
        Long queued = grant.queued();
        if (at != null && queued != null) {
            took.accept(Math.max(0, now - at - queued * MICRO));
        }
    }
}
