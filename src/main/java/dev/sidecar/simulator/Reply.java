package dev.sidecar.simulator;

import io.vertx.core.json.JsonObject;
import java.util.List;

/** The response of an endpoint to a valid request; {@link Exchange} decides how it is sent. */
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

    /** One event. Events with a token are spread in time, the others follow at once. */
    record Event(JsonObject data, boolean token) {
    }

    /** The mark of every response: its number, which forms its id, and the time of its creation. */
    record Stamp(long number, long epochSecond) {

        String id(String prefix) {
            return prefix + "-%08d".formatted(number);
        }
    }
}
