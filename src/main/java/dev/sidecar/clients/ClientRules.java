package dev.sidecar.clients;

import dev.sidecar.files.Finding;
import dev.sidecar.files.Period;
import dev.sidecar.throttle.order.ClientPolicy;
import dev.sidecar.throttle.quota.OwnLimit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a schema cannot say about the clients of a file. Paths of findings begin at the file's root. A finding never shows a
 * hash: someone may have written a key in its place.
 */
public final class ClientRules {

    static final String CLIENTS = "clients";
    static final String ANONYMOUS = "anonymous";

    private static final String HASH_OF_NOTHING = ClientKey.hash("");

    /** As that of the setting. */
    private static final Duration LONGEST_HEARTBEAT = Duration.ofHours(1);

    private final List<Finding> findings = new ArrayList<>();

    private ClientRules() {
    }

    /** All that is wrong with them, in the order of the file. */
    public static List<Finding> findings(List<ClientEntry> clients, @Nullable AnonymousEntry anonymous) {
        var rules = new ClientRules();
        rules.names(clients);
        rules.keys(clients);
        for (int i = 0; i < clients.size(); i++) {
            rules.one(clients.get(i), CLIENTS, i);
        }
        if (anonymous != null) {
            rules.one(anonymous.entry(), ANONYMOUS);
            if (!anonymous.allow() && clients.isEmpty()) {
                rules.add("nobody could call: there are no clients, and anonymous callers are refused", ANONYMOUS,
                        "allow");
            }
        }
        return rules.findings;
    }

    private void names(List<ClientEntry> clients) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < clients.size(); i++) {
            var name = clients.get(i).name();
            if (name.equals(ClientPolicy.ANONYMOUS.name())) {
                add("'" + name + "' is the name of callers without a key: choose another", CLIENTS, i, "name");
            } else if (!names.add(name)) {
                add("a client above has the name '" + name + "' too", CLIENTS, i, "name");
            }
        }
    }

    private void keys(List<ClientEntry> clients) {
        Map<String, String> owners = new HashMap<>();
        for (int i = 0; i < clients.size(); i++) {
            var client = clients.get(i);
            for (int key = 0; key < client.keySha256().size(); key++) {
                var hash = client.keySha256().get(key).toLowerCase(Locale.ROOT);
                var owner = owners.putIfAbsent(hash, client.name());
                if (hash.equals(HASH_OF_NOTHING)) {
                    add("this is the hash of an empty key", CLIENTS, i, "key-sha256", key);
                } else if (owner != null) {
                    add("the client '" + owner + "' has this key already", CLIENTS, i, "key-sha256", key);
                }
            }
        }
    }

    private void one(ClientEntry client, Object... place) {
        if (client.classes() != null && client.classes().isContradictory()) {
            findings.add(Finding.at("default is a higher class than max", "class", "default").within(place));
        }
        for (int i = 0; i < client.limits().size(); i++) {
            if (client.limits().get(i).period().compareTo(OwnLimit.LONGEST) > 0) {
                findings.add(Finding.at("must be at most 31d", "limits", i, "per").within(place));
            }
        }
        if (client.heartbeat() != null && Period.of(client.heartbeat()).compareTo(LONGEST_HEARTBEAT) > 0) {
            findings.add(Finding.at("must be at most 1h", "heartbeat").within(place));
        }
        if (client.stored() && client.models().isEmpty()) {
            findings.add(Finding.at("has no effect without models: such a client may use everything", "stored")
                    .within(place));
        }
    }

    private void add(String reason, Object... path) {
        findings.add(Finding.at(reason, path));
    }
}
