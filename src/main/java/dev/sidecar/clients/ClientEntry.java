package dev.sidecar.clients;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sidecar.files.Period;
import dev.sidecar.throttle.order.ClientPolicy;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A client in the file. Absent fields are null or 0 when they are read, and have their defaults here. Immutable.
 *
 * @param keySha256 hashes of its keys; none for a client that only a route names
 * @param weight its share inside a class; 1 where it is absent
 * @param limits its own limits
 * @param concurrent requests in flight at a time; 0 for any number
 * @param queue requests that wait at a time; 0 for any number
 * @param models the models that it may use; none for all
 * @param stored whether a client with {@code models} may use stored objects too
 * @param heartbeat how long a streamed request waits until the client is told so, such as {@code 15s}; null where the setting
 *        says it
 */
public record ClientEntry(String name, List<String> keySha256, @JsonProperty("class") @Nullable ClassesEntry classes,
        int weight, List<LimitEntry> limits, int concurrent, int queue, List<String> models, boolean stored,
        @Nullable String heartbeat) {

    public ClientEntry {
        keySha256 = List.copyOf(Objects.requireNonNullElse(keySha256, List.of()));
        weight = Math.max(1, weight);
        limits = List.copyOf(Objects.requireNonNullElse(limits, List.of()));
        models = List.copyOf(Objects.requireNonNullElse(models, List.of()));
    }

    Client client() {
        return new Client(
                new ClientPolicy(name, weight, limits.stream().flatMap(LimitEntry::ofRequests).toList(),
                        limits.stream().flatMap(LimitEntry::ofTokens).toList(), concurrent, queue),
                classes == null ? ClassRange.ANY : classes.range(), new ModelRule(models, stored),
                heartbeat == null ? null : Period.of(heartbeat));
    }
}
