package dev.sidecar.clients;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All clients of a file, found by key and by name. Immutable.
 *
 * <p>A key is looked up by its hash. What the time of a look-up could tell is about the hash of the sent key, which is of
 * no use to a guesser.
 */
public final class Clients {

    /** Without a file: everybody is the same anonymous client, whatever key they send. */
    public static final Clients ANYBODY = new Clients(List.of(), Client.ANYBODY);

    private final List<Client> all;
    private final Map<String, Client> byHash = new HashMap<>();
    private final Map<String, Client> byName = new HashMap<>();
    private final @Nullable Client anonymous;

    /** @param anonymous null where callers without a known key are refused */
    private Clients(List<ClientEntry> entries, @Nullable Client anonymous) {
        var clients = new ArrayList<Client>();
        for (var entry : entries) {
            var client = entry.client();
            clients.add(client);
            byName.put(client.name(), client);
            entry.keySha256().forEach(hash -> byHash.put(hash.toLowerCase(Locale.ROOT), client));
        }
        if (anonymous != null) {
            clients.add(anonymous);
            byName.put(anonymous.name(), anonymous);
        }
        this.all = List.copyOf(clients);
        this.anonymous = anonymous;
    }

    /** @param entries without {@linkplain ClientRules findings} */
    public static Clients of(List<ClientEntry> entries, @Nullable AnonymousEntry anonymous) {
        if (anonymous == null) {
            return entries.isEmpty() ? ANYBODY : new Clients(entries, null);
        }
        return new Clients(entries, anonymous.allow() ? anonymous.client() : null);
    }

    /** Each one once, the anonymous client last where there is one. */
    public List<Client> all() {
        return all;
    }

    public Optional<Client> named(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** @param key that the request has; null if it has none */
    public Identity identify(@Nullable String key) {
        // Without clients, which is the usual case, no key is hashed.
        var known = key == null || byHash.isEmpty() ? null : byHash.get(ClientKey.hash(key));
        if (known != null) {
            return new Identity.Identified(known);
        }
        if (anonymous != null && (key == null || this == ANYBODY || !ClientKey.isOfASidecar(key))) {
            return new Identity.Identified(anonymous);
        }
        return key == null ? new Identity.NoKey() : new Identity.UnknownKey();
    }

    /** Whether this key is a client's, or has the form of one. Such a key is for the sidecar alone. */
    public boolean isForTheSidecar(String key) {
        return ClientKey.isOfASidecar(key) || byHash.containsKey(ClientKey.hash(key));
    }
}
