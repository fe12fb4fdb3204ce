package dev.sidecar.providers;

import org.jspecify.annotations.Nullable;

/**
 * An entry of a {@link ModelMap}: what clients call a model, and what the provider calls it. A name that ends in {@code *} stands
 * for all that begin so. Immutable.
 */
record ModelName(String client, String provider) {

    static final String REST = "*";

    boolean isPattern() {
        return client.endsWith(REST);
    }

    boolean isForAll() {
        return client.equals(REST);
    }

    /** Whether the provider has another name for a model than clients have. */
    boolean changes() {
        return !client.equals(provider);
    }

    /** Whether this pattern is for the client's name of a model. */
    boolean matches(String model) {
        return model.startsWith(beginning(client));
    }

    /** The provider's name of a model that this pattern is for. */
    String atProvider(String model) {
        return provider.endsWith(REST)
                ? beginning(provider) + model.substring(beginning(client).length())
                : provider;
    }

    /** The client's name by which this pattern leads to a model of the provider; null if to none, or from many names. */
    @Nullable
    String clientNameOf(String model) {
        return provider.endsWith(REST) && model.startsWith(beginning(provider))
                ? beginning(client) + model.substring(beginning(provider).length())
                : null;
    }

    private static String beginning(String name) {
        return name.substring(0, name.length() - REST.length());
    }
}
