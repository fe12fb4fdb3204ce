package dev.sidecar.providers;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The models of all providers as one list, in the clients' names. A model that several providers list is there once, as the
 * first of them describes it. For one use, by one thread.
 */
final class ModelList {

    private final Predicate<String> allowed;
    private final Map<String, ObjectNode> entries = new LinkedHashMap<>();

    private ModelList(Predicate<String> allowed) {
        this.allowed = allowed;
    }

    /**
     * In the form of OpenAI. The order is that of the providers, and then each one's own.
     *
     * @param listed what each provider lists, by its name; nothing for one whose list is not known
     * @param allowed whether the client may use the model of this name
     */
    static ObjectNode merged(Providers providers, Map<String, ListedModels> listed, Predicate<String> allowed) {
        var list = new ModelList(allowed);
        for (var provider : providers.all()) {
            list.add(provider, listed.getOrDefault(provider.name(), ListedModels.NONE));
        }
        var json = JsonNodeFactory.instance.objectNode().put("object", "list");
        json.putArray("data").addAll(list.entries.values());
        return json;
    }

    private void add(Provider provider, ListedModels listed) {
        for (var entry : listed.entries()) {
            for (var name : clientNames(provider.models(), ListedModels.id(entry))) {
                add(name, entry);
            }
        }
        for (var name : provider.models().names()) {
            add(name, JsonNodeFactory.instance.objectNode().put("id", name).put("object", "model").put("owned_by",
                    provider.name()));
        }
    }

    /** All names under which clients reach the model that the provider calls so. */
    private static Set<String> clientNames(ModelMap models, String providerName) {
        var names = new LinkedHashSet<String>();
        if (providerName.equals(models.nameAt(providerName))) {
            names.add(providerName);
        }
        var renamed = models.clientNameOf(providerName);
        if (renamed != null) {
            names.add(renamed);
        }
        models.names().stream().filter(name -> providerName.equals(models.nameAt(name))).forEach(names::add);
        return names;
    }

    private void add(String name, ObjectNode entry) {
        if (allowed.test(name)) {
            entries.computeIfAbsent(name, _ -> name.equals(ListedModels.id(entry))
                    ? entry
                    : entry.deepCopy().put("id", name));
        }
    }
}
