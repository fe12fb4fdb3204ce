package dev.sidecar.providers;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The models that a provider serves, and its names for them. Immutable.
 *
 * <p>An entry is for one name, or for all names that begin alike ({@code meta/*}). The entry for exactly a name goes before
 * those for beginnings, and the longest beginning before shorter ones. A {@code *} at the end of the provider's name stands for
 * what follows the beginning.
 */
public final class ModelMap {

    /** Every model, under its own name. */
    public static final ModelMap EVERYTHING = of(Map.of("*", "*"));

    private final List<ModelName> all;
    private final Map<String, ModelName> exact;
    private final List<ModelName> patterns;

    private ModelMap(List<ModelName> all) {
        this.all = List.copyOf(all);
        this.exact = all.stream().filter(name -> !name.isPattern())
                .collect(Collectors.toUnmodifiableMap(ModelName::client, name -> name));
        this.patterns = all.stream().filter(ModelName::isPattern)
                .sorted(Comparator.comparingInt((ModelName name) -> name.client().length()).reversed()).toList();
    }

    /**
     * @param names the provider's name for each of the clients' names, in this order; without
     *        {@linkplain ModelMapRules findings}
     */
    public static ModelMap of(Map<String, String> names) {
        var all = new ArrayList<ModelName>();
        names.forEach((client, provider) -> all.add(new ModelName(client, provider)));
        return new ModelMap(all);
    }

    /**
     * Whether a request may go to the provider.
     *
     * @param model that the request names; null if it names none, or it cannot be read
     */
    public boolean serves(@Nullable String model) {
        if (model != null) {
            return nameAt(model) != null;
        }
        // Nobody can replace a name that cannot be read.
        return !renames() && all.stream().anyMatch(ModelName::isForAll);
    }

    /**
     * The provider's name for a model.
     *
     * @param model the client's name for it; null if there is none
     * @return null where the provider does not serve it, or there is no name to begin with
     */
    public @Nullable String nameAt(@Nullable String model) {
        if (model == null) {
            return null;
        }
        var itself = exact.get(model);
        if (itself != null) {
            return itself.provider();
        }
        for (var pattern : patterns) {
            if (pattern.matches(model)) {
                return pattern.atProvider(model);
            }
        }
        return null;
    }

    /** Whether any model has another name at the provider. */
    public boolean renames() {
        return all.stream().anyMatch(ModelName::changes);
    }

    /** The clients' names that stand for themselves, without the beginnings, in the order of the file. */
    public List<String> names() {
        return all.stream().filter(name -> !name.isPattern()).map(ModelName::client).toList();
    }

    /**
     * The way back: a client's name by which requests get to a model of the provider. Of several it is the same name, then the
     * first that stands for itself.
     *
     * @return null when there is no such name, or no particular one
     */
    public @Nullable String clientNameOf(String providerName) {
        if (providerName.equals(nameAt(providerName))) {
            return providerName;
        }
        for (var name : all) {
            if (!name.isPattern() && name.provider().equals(providerName)) {
                return name.client();
            }
        }
        for (var pattern : patterns) {
            var candidate = pattern.clientNameOf(providerName);
            // A more specific entry may lead that name elsewhere.
            if (candidate != null && providerName.equals(nameAt(candidate))) {
                return candidate;
            }
        }
        return null;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ModelMap map && map.all.equals(all);
    }

    @Override
    public int hashCode() {
        return all.hashCode();
    }

    @Override
    public String toString() {
        return all.toString();
    }
}
