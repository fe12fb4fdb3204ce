package dev.sidecar.simulator;

import io.vertx.core.json.JsonObject;
import java.util.List;

/** The response of an endpoint to an accepted request; {@link Exchange} decides how it is sent. */
sealed interface Reply {

    /** What it costs, when it has been sent whole. */
    Usage usage();

    /** One JSON document. */
    record Json(JsonObject body, Usage usage) implements Reply {
    }

    /** An error: the request is wrong, and costs nothing. */
    record Wrong(ApiError error) implements Reply {

        @Override
        public Usage usage() {
            return Usage.NONE;
        }
    }

    /** Server-sent events, ended by {@code [DONE]}. */
    record Events(List<Event> events, Usage usage) implements Reply {

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
