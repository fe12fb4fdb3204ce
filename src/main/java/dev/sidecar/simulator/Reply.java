package dev.sidecar.simulator;

import io.vertx.core.json.JsonObject;
import java.util.List;

/** What an endpoint answers to a request that is in order; how it is sent is {@link Exchange}'s business. */
sealed interface Reply {

    /** One JSON document. */
    record Json(JsonObject body) implements Reply {
    }

    /** Server-sent events, ended by {@code [DONE]}. */
    record Events(List<Event> events) implements Reply {

        public Events {
            events = List.copyOf(events);
        }
    }

    /** One event; those that carry a token are spread in time, the others follow at once. */
    record Event(JsonObject data, boolean token) {
    }

    /** What every answer is marked with: its number, which makes its id, and the time of its making. */
    record Stamp(long number, long epochSecond) {

        String id(String prefix) {
            return prefix + "-%08d".formatted(number);
        }
    }
}
