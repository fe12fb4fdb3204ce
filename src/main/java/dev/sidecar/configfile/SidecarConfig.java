package dev.sidecar.configfile;

import dev.sidecar.clients.AnonymousEntry;
import dev.sidecar.clients.ClientEntry;
import dev.sidecar.providers.Providers;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the file says, together with the values of the keys that it points to: two equal ones ask for nothing new. Immutable.
 *
 * @param clients empty where the section is absent
 * @param providers null where the section is absent: then the settings name one
 */
public record SidecarConfig(List<ClientEntry> clients, @Nullable AnonymousEntry anonymous,
        @Nullable Providers providers) {

    public SidecarConfig {
        clients = List.copyOf(clients);
    }

    int providerCount() {
        return providers == null ? 0 : providers.all().size();
    }

    int keyCount() {
        return providers == null ? 0 : providers.keyCount();
    }

    /** In words, such as {@code 2 clients, 1 provider with 3 keys}. */
    public String summary() {
        var known = counted(clients.size(), "client");
        return providers == null
                ? known
                : known + ", " + counted(providerCount(), "provider") + " with " + counted(keyCount(), "key");
    }

    private static String counted(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }
}
