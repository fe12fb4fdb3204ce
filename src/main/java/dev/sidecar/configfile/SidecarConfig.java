package dev.sidecar.configfile;

import dev.sidecar.clients.AnonymousEntry;
import dev.sidecar.clients.ClientEntry;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The content of the file: one component for each section. Immutable.
 *
 * @param clients empty where the section is absent
 */
public record SidecarConfig(List<ClientEntry> clients, @Nullable AnonymousEntry anonymous) {

    public SidecarConfig {
        clients = List.copyOf(Objects.requireNonNullElse(clients, List.of()));
    }
}
