package dev.sidecar.configfile;

import dev.sidecar.clients.AnonymousEntry;
import dev.sidecar.clients.ClientEntry;
import dev.sidecar.providers.ProviderEntry;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The text of the file as it is written: one component for each section. Immutable.
 *
 * @param clients empty where the section is absent
 * @param providers empty where the section is absent, and only then
 */
record Sections(List<ClientEntry> clients, @Nullable AnonymousEntry anonymous, List<ProviderEntry> providers) {

    static final String PROVIDERS = "providers";

    Sections {
        clients = List.copyOf(Objects.requireNonNullElse(clients, List.of()));
        providers = List.copyOf(Objects.requireNonNullElse(providers, List.of()));
    }
}
