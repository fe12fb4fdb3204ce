package dev.sidecar.fleet;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.order.Outlook;
import dev.sidecar.throttle.order.ThrottleSnapshot;
import dev.sidecar.throttle.quota.OwnLimit;
import dev.sidecar.throttle.quota.RequestLimit;
import dev.sidecar.throttle.quota.TokenLimit;
import java.util.Optional;

/**
 * Queue and budget of the whole fleet, as its leader has seen them. Immutable.
 *
 * @param queue its counts are those of the leader since it leads
 * @param ahead the first {@value #MOST_WAITING} waiting requests one by one
 */
public record FleetView(ThrottleSnapshot queue, Outlook ahead) {

    private static final int MOST_WAITING = 50;

    private static final ObjectMapper JSON = JsonMapper.builder().addModule(new Jdk8Module())
            .addModule(new JavaTimeModule()).addMixIn(OwnLimit.class, KindOfLimit.class)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES).build();

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "of")
    @JsonSubTypes({@JsonSubTypes.Type(value = RequestLimit.class, name = "requests"),
            @JsonSubTypes.Type(value = TokenLimit.class, name = "tokens")})
    private interface KindOfLimit {
    }

    static FleetView of(Throttle<?> leaders) {
        return new FleetView(leaders.snapshot(), leaders.outlook(MOST_WAITING));
    }

    JsonNode json() {
        return JSON.valueToTree(this);
    }

    /** Nothing if a leader of another version has sent what this version cannot read. */
    static Optional<FleetView> of(JsonNode json) {
        try {
            return Optional.of(JSON.treeToValue(json, FleetView.class));
        } catch (JsonProcessingException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
