package dev.sidecar.clients;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sidecar.throttle.order.ClientPolicy;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * All callers without a known key, in the file: together one client, with the fields of one.
 *
 * @param allow whether there are such callers; if not, they are refused
 */
public record AnonymousEntry(boolean allow, @JsonProperty("class") @Nullable ClassesEntry classes, int weight,
        List<LimitEntry> limits, int concurrent, int queue, List<String> models, boolean stored,
        @Nullable String heartbeat) {

    public AnonymousEntry {
        limits = List.copyOf(Objects.requireNonNullElse(limits, List.of()));
        models = List.copyOf(Objects.requireNonNullElse(models, List.of()));
    }

    Client client() {
        return entry().client();
    }

    ClientEntry entry() {
        return new ClientEntry(ClientPolicy.ANONYMOUS.name(), List.of(), classes, weight, limits, concurrent, queue,
                models, stored, heartbeat);
    }
}
